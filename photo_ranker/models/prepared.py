"""The prepared files of models: checked, cached, and made from the published ONNX files where they are missing.

As published, both ONNX files list their weights as inputs too, take one picture of a fixed size, and SFace spends half
its time in ``PRelu``. The prepared files have none of that. The second identity network is published as bare weights;
:mod:`photo_ranker.models.identity` makes an ONNX file of them.
The package onnx, which prepares them, is imported only then: loading it takes longer than finding a face.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core import files
from photo_ranker.core.files import locked
from photo_ranker.errors import FileRefused
from photo_ranker.models.store import SECOND_NETWORK, model_path, models_folder

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

__all__ = [
    "PREPARED_SHA256",
    "Make",
    "is_as_prepared",
    "prepare",
    "prepared_model",
    "prepared_path",
    "trial_model",
    "with_free_axes",
]

PREPARATION = 1
"""Raise it when a :data:`Make` gives another result."""

PREPARED_SHA256 = {
    "face_detection_yunet_2023mar_int8bq.onnx": "26e5021074bbe7d0b38fbd50d11598059bab1070c50b2ff3f377e1fd22d2f8bd",
    "face_recognition_sface_2021dec_int8bq.onnx": "28552548f9d4e0410eefc19ce26af3e58ac781ad91d82caf6d64499363dc839f",
    SECOND_NETWORK: "ba4cc047bac79b115c8379d789f6506e561a2a74afb4877404a3b35c972887dd",
}
"""Hashes of the prepared files; a test prepares each again."""

log = logging.getLogger(__name__)

Make = Callable[[Path], bytes]
"""Turns a published file into the prepared model; always gives the same bytes."""


def with_free_axes(axes: Mapping[int, str]) -> Make:
    """A :data:`Make` that prepares a published ONNX file, with these axes of its input dynamic."""

    def make(source: Path) -> bytes:
        from photo_ranker.models.prepared import prepare

        return prepare(source, axes)

    return make


def prepared_model(name: str, make: Make) -> bytes:
    """The prepared model, from the cache if the file there is exactly what ``make`` gives."""
    path = prepared_path(name)
    if content := _kept(path, name):
        return content
    source = model_path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_suffix(".lock")):
            files.remove_leftovers(path.parent, in_cache=True)
            # Another process may have made it while we waited.
            return _kept(path, name) or _made(source, make, path, name)
    except OSError as error:
        log.info("%s cannot be kept (%s), so it is prepared anew each time", path.name, error)
        return make(source)


def prepared_path(name: str) -> Path:
    """The path of the prepared file of a model; it may not exist yet."""
    return models_folder() / f"{Path(name).stem}.prepared-{PREPARATION}.onnx"


def is_as_prepared(name: str) -> bool:
    """Whether the cached file is what the preparation gives; any other is never loaded."""
    return _kept(prepared_path(name), name) is not None


def _kept(path: Path, name: str) -> bytes | None:
    """The content of a cached file. The bytes that were read are checked, since the file may be replaced meanwhile."""
    try:
        content = files.read(path)
    except (OSError, FileRefused):
        return None
    return content if hashlib.sha256(content).hexdigest() == PREPARED_SHA256[name] else None


def _made(source: Path, make: Make, path: Path, name: str) -> bytes:
    content = make(source)
    if hashlib.sha256(content).hexdigest() == PREPARED_SHA256[name]:
        _write(path, content)
    else:  # a file that a later run cannot check is not cached
        log.info("this version of onnx writes %s in other bytes, so it is prepared anew each time", path.name)
    return content


def _write(path: Path, content: bytes) -> None:
    files.replace(path, [content])
    path.with_suffix(".sha256").unlink(missing_ok=True)  # older versions trusted a digest in this file


# The preparation. Apart from this file, only identity.py imports onnx.

Weights = dict[str, NDArray[np.generic]]
"""Name of a weight -> its values."""


def prepare(source: Path, free_axes: Mapping[int, str]) -> bytes:
    """The model with plain float32 weights, dynamic ``free_axes`` of its input, and PRelu replaced."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(source)
    graph = model.graph
    weights: Weights = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    nodes = _fold_weights(graph.node, weights)
    nodes = [part for node in nodes for part in _without_prelu(node, weights)]
    _free_reshapes(nodes, weights)
    _set_graph(graph, nodes, weights, free_axes)
    onnx.checker.check_model(model, full_check=True)
    return _bytes(model)


def trial_model() -> bytes:
    """A model with one operator, to try whether a device works."""
    import onnx
    from onnx import helper

    ports = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 4]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "trial", ports[:1], ports[1:])
    # Formats that ONNX Runtime has read since 2021; the onnx package's latest may be too new for it.
    return _bytes(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]))


def _bytes(model: ModelProto) -> bytes:
    content: bytes = model.SerializeToString()
    return content


def _fold_weights(nodes: list[NodeProto], weights: Weights) -> list[NodeProto]:
    """Compute what depends only on weights: dequantising, and the reshape after it."""
    kept = []
    for node in nodes:
        if all(name in weights for name in node.input) and node.op_type == "DequantizeLinear":
            weights[node.output[0]] = _dequantised(node, *(weights[name] for name in node.input))
        elif all(name in weights for name in node.input) and node.op_type == "Reshape":
            values, shape = (weights[name] for name in node.input)
            weights[node.output[0]] = values.reshape(shape.tolist())
        else:
            kept.append(node)
    return kept


def _dequantised(
    node: NodeProto, values: NDArray[np.generic], scales: NDArray[np.generic], zeros: NDArray[np.generic]
) -> NDArray[np.float32]:
    from onnx import helper

    attributes = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    axis = attributes.get("axis", 1)
    block = attributes.get("block_size", 0)
    if not block:
        raise ValueError(f"{node.name or node.output[0]}: only block-wise quantised weights are known here")
    length = values.shape[axis]
    scale = np.repeat(scales, block, axis).take(range(length), axis)
    zero = np.repeat(zeros, block, axis).take(range(length), axis)
    return (values.astype(np.int32) - zero.astype(np.int32)).astype(np.float32) * scale.astype(np.float32)


def _without_prelu(node: NodeProto, weights: Weights) -> list[NodeProto]:
    """PRelu(x) = Relu(x) * (1 - a) + x * a: exact for every slope, and much faster in ONNX Runtime.

    ``Max(x, a * x)`` would be shorter and is wrong here, as slopes lie in -0.81..1.12.
    """
    from onnx import helper

    if node.op_type != "PRelu":
        return [node]
    x, slope = node.input
    out = node.output[0]
    weights[f"{out}_above"] = (1 - weights[slope]).astype(np.float32)
    return [
        helper.make_node("Relu", [x], [f"{out}_relu"]),
        helper.make_node("Mul", [f"{out}_relu", f"{out}_above"], [f"{out}_scaled"]),
        helper.make_node("Mul", [x, slope], [f"{out}_leak"]),
        helper.make_node("Add", [f"{out}_scaled", f"{out}_leak"], [out]),
    ]


def _free_reshapes(nodes: list[NodeProto], weights: Weights) -> None:
    """Let each reshape to (1, -1, k) keep whatever batch comes in: 0 copies that axis."""
    for node in nodes:
        if node.op_type == "Reshape" and (shape := weights[node.input[1]].tolist())[0] == 1:
            weights[node.input[1]] = np.array([0, *shape[1:]], np.int64)


def _set_graph(graph: GraphProto, nodes: list[NodeProto], weights: Weights, free_axes: Mapping[int, str]) -> None:
    from onnx import numpy_helper

    used = {name for node in nodes for name in node.input}
    inputs = [item for item in graph.input if item.name in used and item.name not in weights]
    for axis, name in free_axes.items():
        inputs[0].type.tensor_type.shape.dim[axis].dim_param = name
    for item in graph.output:
        shape = item.type.tensor_type.shape
        shape.dim[0].dim_param = "batch"
        if len(shape.dim) == 3:
            shape.dim[1].dim_param = f"places_{item.name}"
    initializers = [numpy_helper.from_array(array, name) for name, array in weights.items() if name in used]
    for field, new in ((graph.input, inputs), (graph.initializer, initializers), (graph.node, nodes)):
        kept = list(new)
        del field[:]
        field.extend(kept)
    del graph.value_info[:]
