"""Tiny ONNX files with the inputs and outputs of real models, put where insightface and deepface look for theirs.

The toy detector finds a red dot and says that a face is around it; the toy identity is the pattern of colours in the
crop; the toy emotion is as happy as the crop is bright. So what goes in and comes out is known exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

__all__ = ["BOX", "DOT", "POINTS", "write_emotion", "write_pack"]

BOX = (70.0, 80.0, 70.0, 90.0)
"""How far the toy's box reaches to the left, up, right and down of the middle of the red dot's cell."""
POINTS = ((-30.0, -25.0), (30.0, -25.0), (0.0, 5.0), (-25.0, 40.0), (25.0, 40.0))
"""Its five points, from there."""
DOT = 16
"""Side of the red dot in pixels; it fills cells of 8 whole where it lies on even places."""

_STRIDES = (8, 16, 32)
_OPSETS = [helper.make_opsetid("", 13)]


def write_pack(
    folder: Path, *, dimensions: int = 512, seed: int = 1, reach: float = 1.0, side: int | None = None
) -> Path:
    """A detector and an identity model; ``reach`` makes the boxes larger, ``seed`` makes another identity.

    With a ``side`` they take pictures of that size alone, and one face at a time, as some packs do.
    """
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_detector(reach, side), folder / "det_toy.onnx")
    onnx.save(_identity(dimensions, seed, 1 if side else "batch"), folder / "w_toy.onnx")
    return folder


def write_emotion(home: Path) -> Path:
    """The file that deepface looks for in a home folder."""
    path = home / ".deepface" / "weights" / "facial_expression_model_weights.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(_emotion(), path)
    return path


def _detector(reach: float, side: int | None) -> ModelProto:
    """SCRFD's nine outputs. Only cells of 8 pixels say anything: sure where all of the cell is red.

    The input is (value - 127.5) / 128, so pure red is 0.996, -0.996, -0.996: a third of R - G - B is 1 there.
    """
    weights: dict[str, NDArray[np.generic]] = {
        "red": np.array([1, -1, -1], np.float32).reshape(1, 3, 1, 1) / 3,
        "steep": np.array(20, np.float32),
        "least": np.array(0.9, np.float32),
    }
    nodes: list[NodeProto] = []
    outputs = []
    for stride in _STRIDES:
        name = f"cells_{stride}"
        nodes.append(
            helper.make_node("AveragePool", ["picture"], [name], kernel_shape=[stride] * 2, strides=[stride] * 2)
        )
        nodes.append(helper.make_node("Conv", [name, "red"], [f"{name}_red"]))
        nodes.append(helper.make_node("Sub", [f"{name}_red", "least"], [f"{name}_over"]))
        nodes.append(helper.make_node("Mul", [f"{name}_over", "steep"], [f"{name}_steep"]))
        nodes.append(helper.make_node("Sigmoid", [f"{name}_steep"], [f"{name}_sure"]))
        weights[f"{name}_on"] = np.array(1.0 if stride == 8 else 0.0, np.float32)
        nodes.append(helper.make_node("Mul", [f"{name}_sure", f"{name}_on"], [f"{name}_score"]))
        nodes += _per_anchor(f"{name}_score", stride, weights, reach)
    for what, width in (("score", 1), ("bbox", 4), ("kps", 10)):
        outputs += [
            helper.make_tensor_value_info(f"{what}_{stride}", TensorProto.FLOAT, [f"n{stride}", width])
            for stride in _STRIDES
        ]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, side or "height", side or "width"])
    return _model(nodes, [picture], outputs, weights)


def _per_anchor(score: str, stride: int, weights: dict[str, NDArray[np.generic]], reach: float) -> list[NodeProto]:
    """Two anchors a cell, the second never sure; every cell says the same of where the face reaches to.

    Insightface counts from the left upper corner of a cell.
    """
    middle = stride / 2
    box = np.array([reach * side + sign * middle for side, sign in zip(BOX, (-1, -1, 1, 1), strict=True)], np.float32)
    points = np.array([[reach * x + middle, reach * y + middle] for x, y in POINTS], np.float32)
    weights |= {
        f"cell_{stride}": np.array([-1, 1], np.int64),
        f"anchors_{stride}": np.array([[1, 0]], np.float32),
        f"column_{stride}": np.array([-1, 1], np.int64),
        f"nought_{stride}": np.array(0, np.float32),
        f"box_{stride}": box.reshape(1, 4) / stride,
        f"points_{stride}": points.reshape(1, 10) / stride,
    }
    return [
        helper.make_node("Reshape", [score, f"cell_{stride}"], [f"flat_{stride}"]),
        helper.make_node("MatMul", [f"flat_{stride}", f"anchors_{stride}"], [f"pairs_{stride}"]),
        helper.make_node("Reshape", [f"pairs_{stride}", f"column_{stride}"], [f"score_{stride}"]),
        helper.make_node("Mul", [f"score_{stride}", f"nought_{stride}"], [f"zeros_{stride}"]),
        helper.make_node("Add", [f"zeros_{stride}", f"box_{stride}"], [f"bbox_{stride}"]),
        helper.make_node("Add", [f"zeros_{stride}", f"points_{stride}"], [f"kps_{stride}"]),
    ]


def _identity(dimensions: int, seed: int, batch: int | str) -> ModelProto:
    """The colours of 7 x 7 parts of the crop, less their mean, in directions drawn by lot."""
    parts = 3 * 7 * 7
    drawn = np.random.default_rng(seed).normal(size=(parts, dimensions)).astype(np.float32)
    weights: dict[str, NDArray[np.generic]] = {
        "flat": np.array([0, parts], np.int64),
        "drawn": drawn - drawn.mean(axis=0),
    }
    nodes = [
        helper.make_node("AveragePool", ["crop"], ["parts"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Reshape", ["parts", "flat"], ["row"]),
        helper.make_node("MatMul", ["row", "drawn"], ["identity"]),
    ]
    crop = helper.make_tensor_value_info("crop", TensorProto.FLOAT, [batch, 3, 112, 112])
    row = helper.make_tensor_value_info("identity", TensorProto.FLOAT, [batch, dimensions])
    return _model(nodes, [crop], [row], weights)


def _emotion() -> ModelProto:
    """Seven emotions; the fourth, happy, is the mean brightness (deepface hands over 0 to 1), neutral the rest."""
    weights: dict[str, NDArray[np.generic]] = {
        "axis": np.array([1], np.int64),
        "happy": np.array([[0, 0, 0, 1, 0, 0, -1]], np.float32),
        "neutral": np.array([[0, 0, 0, 0, 0, 0, 1]], np.float32),
    }
    nodes = [
        helper.make_node("ReduceMean", ["crop"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "axis"], ["column"]),
        helper.make_node("MatMul", ["column", "happy"], ["said"]),
        helper.make_node("Add", ["said", "neutral"], ["emotions"]),
    ]
    crop = helper.make_tensor_value_info("crop", TensorProto.FLOAT, ["batch", 48, 48, 1])
    emotions = helper.make_tensor_value_info("emotions", TensorProto.FLOAT, ["batch", 7])
    return _model(nodes, [crop], [emotions], weights)


def _model(
    nodes: list[NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    weights: dict[str, NDArray[np.generic]],
) -> ModelProto:
    used = {name for node in nodes for name in node.input}
    values = [numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items() if name in used]
    model = helper.make_model(
        helper.make_graph(nodes, "toy", inputs, outputs, values), ir_version=8, opset_imports=_OPSETS
    )
    onnx.checker.check_model(model, full_check=True)
    return model
