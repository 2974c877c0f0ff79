"""Running model files: the only place that knows ONNX Runtime and LiteRT."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photo_ranker.errors import ModelUnavailable, UserError

__all__ = ["DEVICES", "LiteModel", "OnnxModel", "providers"]

DEVICES: dict[str, str] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
"""Our name of a device -> ONNX Runtime's."""


def providers() -> list[str]:
    """What the installed ONNX Runtime can run on, in its own words."""
    import onnxruntime

    return list(onnxruntime.get_available_providers())


class OnnxModel:
    """One ONNX file, ready to run; several threads may call it at once."""

    def __init__(self, model: Path | bytes, threads: int, device: str) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Waiting threads would burn the processor that other workers need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The arena would keep the memory of the largest picture for good, 70 MB a worker; without it we are as fast.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        source = model if isinstance(model, bytes) else str(model)
        self._session = onnxruntime.InferenceSession(source, options, providers=_chosen(device))
        self._input = self._session.get_inputs()[0].name
        self._outputs = [item.name for item in self._session.get_outputs()]

    def run(self, batch: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Every output by its name."""
        values = self._session.run(self._outputs, {self._input: batch})
        return dict(zip(self._outputs, values, strict=True))


def _chosen(device: str) -> list[str]:
    if device not in DEVICES:
        raise UserError(f"there is no device '{device}'", f"choose one of: {', '.join(DEVICES)}")
    if DEVICES[device] not in providers():
        raise UserError(f"this ONNX Runtime cannot use '{device}'", "photo-ranker doctor says what to install for it")
    return list(dict.fromkeys([DEVICES[device], DEVICES["cpu"]]))


@contextmanager
def _no_chatter() -> Iterator[None]:
    """LiteRT greets on stderr from C and has no switch for it; failures come as exceptions all the same."""
    try:
        kept = os.dup(2)
    except OSError:  # a service may run without stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class LiteModel:
    """One LiteRT model, ready to run; calls from several threads take turns."""

    def __init__(self, content: bytes, threads: int) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ModelUnavailable(
                f"the face mesh cannot run here: {error}", "pip install ai-edge-litert, or see photo-ranker doctor"
            ) from error
        with _no_chatter():
            self._interpreter: Any = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [item["index"] for item in self._interpreter.get_output_details()]
        self._turn = threading.Lock()

    def run(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Every output, in the model's order."""
        with self._turn:
            self._interpreter.set_tensor(self._input, values)
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(index) for index in self._outputs]
