"""Runs model files with ONNX Runtime and LiteRT."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.devices import batch_size, chosen_device, provider_settings
from photo_ranker.models.quiet import no_stderr

__all__ = ["LiteModel", "OnnxModel", "session_options"]


def session_options(threads: int, device: str) -> Any:
    """Options of ONNX Runtime for a process beside other workers."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads would use the processor that other workers need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena would keep the memory of the largest picture, 70 MB per worker; without it we are as fast.
    options.enable_cpu_mem_arena = False
    # DirectML does not support it.
    options.enable_mem_pattern = device != "directml"
    options.log_severity_level = 3
    return options


class OnnxModel:
    """One loaded ONNX file; several threads may run it at once."""

    def __init__(self, model: Path | bytes, threads: int, device: str) -> None:
        import onnxruntime

        device = chosen_device(device)
        names, settings = provider_settings(device, threads)
        source = model if isinstance(model, bytes) else str(model)
        self._session = onnxruntime.InferenceSession(
            source, session_options(threads, device), providers=names, provider_options=settings
        )
        self.batch = batch_size(device)
        """Faces per call."""
        self._input = self._session.get_inputs()[0].name
        self._outputs = [item.name for item in self._session.get_outputs()]

    def run(self, batch: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Every output by its name."""
        values = self._session.run(self._outputs, {self._input: batch})
        return dict(zip(self._outputs, values, strict=True))


class LiteModel:
    """One loaded LiteRT model; calls from several threads take turns."""

    def __init__(self, content: bytes, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with no_stderr():  # LiteRT prints a greeting from C, which cannot be switched off
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
