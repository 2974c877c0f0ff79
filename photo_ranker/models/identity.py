"""The identity networks: aligned crops of faces go in, embeddings come out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core import files
from photo_ranker.errors import ModelUnavailable
from photo_ranker.models import Crops, EngineOptions
from photo_ranker.models.prepared import prepared_model, with_free_axes
from photo_ranker.models.sessions import OnnxModel
from photo_ranker.models.store import SECOND_NETWORK

if TYPE_CHECKING:
    from onnx import NodeProto

__all__ = ["DIMENSIONS", "INPUT", "OUTPUT", "SIDE", "ReidentificationEmbedder", "SFaceEmbedder", "build", "placed"]

# SFace: the default identity network, with 128 numbers per face.


FILE = "face_recognition_sface_2021dec_int8bq.onnx"


class SFaceEmbedder:
    """Identity from aligned crops."""

    dimensions = 128

    def __init__(self, options: EngineOptions) -> None:
        model = prepared_model(FILE, with_free_axes({0: "batch"}))
        self._model = OnnxModel(model, options.threads, options.device)

    def embed(self, crops: Crops) -> NDArray[np.float32]:
        """One row per crop; the network takes RGB in 0..255 and scales it itself."""
        rows = np.zeros((len(crops), self.dimensions), np.float32)
        for start in range(0, len(crops), self._model.batch):
            batch = np.ascontiguousarray(crops[start : start + self._model.batch].transpose(0, 3, 1, 2), np.float32)
            rows[start : start + self._model.batch] = self._model.run(batch)["fc1"]
        return rows


# Builds the graph of Intel's ``face-reidentification-retail-0095`` from its bare weights.
#
# The published ``.bin`` holds only numbers in the order of the layers: weights in float16, slopes in float32.
# The graph has 15 MobileNet-style blocks, each ending in a gate that weighs its channels.


SIDE = 128
"""px of the network's input."""
DIMENSIONS = 144
"""How many of the 256 numbers are kept: the last layer spans hardly more, and these hold 99.3% of a vector's length."""
INPUT, OUTPUT = "face", "identity"

Array = NDArray[np.float32]


class _Block(NamedTuple):
    """Widen the channels, convolve, narrow them, and weigh each by a gate."""

    channels: int
    inside: int
    """Channels between widening and narrowing."""
    out: int
    stride: int = 1

    @property
    def adds_input(self) -> bool:
        return self.stride == 1


_BLOCKS = (
    _Block(64, 128, 64, stride=2),
    *[_Block(64, 128, 64)] * 4,
    _Block(64, 256, 128, stride=2),
    *[_Block(128, 256, 128)] * 6,
    _Block(128, 512, 128, stride=2),
    *[_Block(128, 256, 128)] * 2,
)
_GATE = 8
"""A gate has this many times fewer channels inside."""

_LAST = 256
"""How many numbers the published network returns."""


def build(source: Path) -> bytes:
    """The network as ONNX, with a free batch."""
    from onnx import helper  # imported in functions: with a prepared file onnx is not needed

    graph = _Graph(files.read(source, follow=True))
    x = graph.scaled(INPUT)
    x = graph.prelu(graph.conv(x, 3, 64, size=3, stride=2))
    x = graph.prelu(graph.depthwise(x, 64))
    for block in _BLOCKS:
        x = _block(graph, x, block)
    x = graph.prelu(graph.conv(x, 128, 512))
    x = graph.depthwise(x, 512, size=8)
    graph.nodes.append(helper.make_node("Flatten", [graph.shortened(x)], [OUTPUT]))
    return graph.model()


def _block(graph: _Graph, x: str, block: _Block) -> str:
    y = graph.prelu(graph.conv(x, block.channels, block.inside))
    y = graph.prelu(graph.depthwise(y, block.inside, stride=block.stride))
    y = graph.conv(y, block.inside, block.out)
    y = graph.node("Mul", y, _gate(graph, y, block.out))
    return graph.node("Add", x, y) if block.adds_input else y


def _gate(graph: _Graph, x: str, channels: int) -> str:
    """A weight per channel, 0 to 1."""
    y = graph.node("GlobalAveragePool", x)
    y = graph.prelu(graph.conv(y, channels, channels // _GATE))
    return graph.node("Sigmoid", graph.conv(y, channels // _GATE, channels))


class _Graph:
    """An ONNX graph under construction: each layer takes the next weights of the file."""

    def __init__(self, weights: bytes) -> None:
        self._left = memoryview(weights)
        self._constants: dict[str, Array] = {}
        self.nodes: list[NodeProto] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a step and name its output."""
        from onnx import helper

        output = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def scaled(self, x: str) -> str:
        """Scale the input: a factor and an offset per colour."""
        factors, offsets = self._constant(self._take(1, 3, 1, 1)), self._constant(self._take(1, 3, 1, 1))
        return self.node("Add", self.node("Mul", x, factors), offsets)

    def conv(self, x: str, channels: int, out: int, size: int = 1, stride: int = 1) -> str:
        """A convolution over all channels, padded so that the picture keeps its size."""
        return self._conv(x, (out, channels, size, size), strides=[stride] * 2, pads=[size // 2] * 4, group=1)

    def depthwise(self, x: str, channels: int, size: int = 3, stride: int = 1) -> str:
        """A convolution of each channel by itself; one of even size covers the whole picture, and is not padded."""
        pads = [size // 2 if size % 2 else 0] * 4
        return self._conv(x, (channels, 1, size, size), strides=[stride] * 2, pads=pads, group=channels)

    def _conv(self, x: str, shape: tuple[int, int, int, int], **attributes: Any) -> str:
        weights, bias = self._constant(self._take(*shape)), self._constant(self._take(shape[0]))
        return self.node("Conv", x, weights, bias, kernel_shape=shape[2:], **attributes)

    def shortened(self, x: str) -> str:
        """The last layer, projected onto the directions that matter most."""
        weights = self._take(_LAST, 512, 1, 1)
        basis = _strongest(weights.reshape(_LAST, -1), DIMENSIONS)
        y = self.node("Conv", x, self._constant(weights), kernel_shape=[1, 1])
        return self.node("Conv", y, self._constant(basis[:, :, None, None]), kernel_shape=[1, 1])

    def prelu(self, x: str) -> str:
        """``PRelu`` with its one slope: as ``LeakyRelu`` it runs inside the convolution before it, in half the time."""
        return self.node("LeakyRelu", x, alpha=float(self._take(1, dtype="<f4")[0]))

    def model(self) -> bytes:
        """The finished model; every weight must have been used."""
        from onnx import TensorProto, checker, helper, numpy_helper

        if self._left:
            raise _not_as_known(f"{len(self._left)} bytes are left over")
        ports = [
            helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", 3, SIDE, SIDE]),
            helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", DIMENSIONS]),
        ]
        weights = [numpy_helper.from_array(array, name) for name, array in self._constants.items()]
        graph = helper.make_graph(self.nodes, "face-reidentification-retail-0095", ports[:1], ports[1:], weights)
        # Formats that ONNX Runtime has read since 2021; the onnx package's latest may be too new for it.
        model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
        checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content

    def _take(self, *shape: int, dtype: str = "<f2") -> Array:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if len(self._left) < size:
            raise _not_as_known("it ends too early")
        values = np.frombuffer(self._left[:size], dtype).reshape(shape).astype(np.float32)
        self._left = self._left[size:]
        return values

    def _constant(self, values: Array) -> str:
        name = f"w{len(self._constants)}"
        self._constants[name] = values
        return name


def _strongest(weights: Array, count: int) -> Array:
    """An orthonormal basis of a layer's largest singular vectors, so that a projection keeps lengths and angles in it.

    The same on every machine: singular vectors have arbitrary signs, but their space has one basis that begins with the
    projection of the first axis, and rounding to float16 hides the order in which a machine adds.
    """
    vectors = np.linalg.svd(weights.astype(np.float64), full_matrices=False)[0][:, :count]
    basis, sizes = np.linalg.qr(vectors @ vectors[:count].T)
    rows: Array = (basis * np.sign(np.diag(sizes))).T.astype(np.float16).astype(np.float32)
    return rows + 0.0  # turns -0.0 into 0.0: which of them comes out is chance


def _not_as_known(why: str) -> ModelUnavailable:
    return ModelUnavailable(f"these are not the weights of face-reidentification-retail-0095: {why}", "fetch it anew")


# Intel's ``face-reidentification-retail-0095``: a second identity network, whose errors differ from SFace's.


_FROM_CROP = np.array([[1.2163, -0.0022, -3.9535], [0.0022, 1.2163, -5.3258]])
"""Affine map from a crop of 112 px to the positions of eyes, nose and mouth that this network expects."""


class ReidentificationEmbedder:
    """Identity from aligned crops."""

    dimensions = DIMENSIONS

    def __init__(self, options: EngineOptions) -> None:
        self._model = OnnxModel(prepared_model(SECOND_NETWORK, build), options.threads, options.device)

    def embed(self, crops: Crops) -> NDArray[np.float32]:
        """One row per crop; the network takes BGR in 0..255 and scales it itself."""
        rows = np.zeros((len(crops), self.dimensions), np.float32)
        for start in range(0, len(crops), self._model.batch):
            batch = np.stack([placed(crop) for crop in crops[start : start + self._model.batch]])
            rows[start : start + self._model.batch] = self._model.run(batch)[OUTPUT]
        return rows


def placed(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A crop in the network's form: BGR, 128 px, channels first."""
    warped = cv2.warpAffine(crop, _FROM_CROP, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return np.ascontiguousarray(warped[:, :, ::-1].transpose(2, 0, 1), np.float32)
