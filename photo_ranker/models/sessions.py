"""Runs model files with ONNX Runtime and LiteRT, on the processor or on an accelerator, and keeps libraries quiet."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photo_ranker.core.terminal import command
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "AUTO",
    "DEVICES",
    "SAME_FACE",
    "SAME_PLACE",
    "LiteModel",
    "OnnxModel",
    "batch_size",
    "check_device",
    "chosen_device",
    "device_choices",
    "no_stderr",
    "no_stdout",
    "provider_settings",
    "providers",
    "session_options",
    "why_not",
]


def session_options(threads: int) -> Any:
    """Options of ONNX Runtime for a process that runs beside other workers."""
    import onnxruntime

    _share_arena()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads would use the processor that other workers need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    # A memory pattern reserves a block for each size of picture, and DirectML supports no patterns.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options


@cache
def _share_arena() -> None:
    """Let all sessions of this process take their memory from one arena.

    They run in turn, so it holds what the largest needs. One arena per session takes 110 MB more, and ``malloc``
    120 MB more, since it fragments.
    """
    import onnxruntime

    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    usual = -1
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg(0, usual, usual, usual))


class OnnxModel:
    """One loaded ONNX file; several threads may run it at once."""

    def __init__(self, model: Path | bytes, threads: int, device: str) -> None:
        import onnxruntime

        device = chosen_device(device)
        names, settings = provider_settings(device, threads)
        source = model if isinstance(model, bytes) else str(model)
        self._session = onnxruntime.InferenceSession(
            source, session_options(threads), providers=names, provider_options=settings
        )
        # The wrapper keeps the file's bytes for a change of provider, which never comes: 43 MB beside the weights.
        vars(self._session).pop("_model_bytes", None)
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


# Where models run: on the processor, or on an accelerator that the installed ONNX Runtime can use.
#
# The same photo gives the same faces on every device, within :data:`SAME_FACE` and :data:`SAME_PLACE`. So the device
# is not part of any key: what one device measured is up to date on all.


AUTO = "auto"
"""The first of :data:`PREFERRED` that works here, else the processor."""

DEVICES: dict[str, str] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
"""Our name of a device -> ONNX Runtime's."""

PREFERRED = ("cuda", "directml", "openvino")
"""What ``auto`` tries, in this order. Not CoreML, which every Mac has: it recompiles a model for each photo size."""

SAME_FACE = 0.999
"""Least cosine of the embeddings of one face on two devices."""
SAME_PLACE = 0.98
"""Least overlap of the boxes of one face on two devices; their certainties differ by 0.01 at most."""

_BATCHES: Mapping[str, int] = {"cuda": 32, "coreml": 16, "directml": 16}
"""Faces per call on accelerators."""
_BATCH = 4
"""Faces per call on a processor: more exceed its cache and take longer per face."""


def providers() -> list[str]:
    """The providers of the installed ONNX Runtime, by its own names."""
    import onnxruntime

    return list(onnxruntime.get_available_providers())


def device_choices() -> list[str]:
    """All values of ``--device``."""
    return [AUTO, *DEVICES]


def check_device(device: str) -> None:
    """Refuse an unknown device."""
    if device != AUTO and device not in DEVICES:
        raise UserError(f"there is no device '{device}'", f"choose one of: {', '.join(device_choices())}")


def chosen_device(device: str) -> str:
    """The device to use, after a trial; ``auto`` always finds one."""
    check_device(device)
    if device == AUTO:
        return next((name for name in PREFERRED if not why_not(name)), "cpu")
    if reason := why_not(device):
        raise UserError(f"'{device}' cannot be used: {reason}", f"{command('doctor')} says what to install for it")
    return device


@cache
def why_not(device: str) -> str:
    """Why a device cannot be used here; empty if it can. Runs a tiny model on it, once per process."""
    if device == "cpu":
        return ""
    if DEVICES[device] not in providers():
        return f"this ONNX Runtime has no {DEVICES[device]}"
    return _failure(device)


def _failure(device: str) -> str:
    """Why a trial fails. ONNX Runtime itself silently uses the processor if a provider cannot start."""
    import numpy as np
    import onnxruntime

    from photo_ranker.models.prepared import trial_model

    if device == "cuda" and hasattr(onnxruntime, "preload_dlls"):
        with no_stdout(), no_stderr():  # it prints what it does not find; the trial reports that
            onnxruntime.preload_dlls()  # finds CUDA where pip installed it
    names, settings = provider_settings(device, threads=1)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(trial_model(), options, providers=names, provider_options=settings)
        session.run(None, {"x": np.ones((1, 4), np.float32)})
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is the reason to report
        return str(error).splitlines()[0]
    return "" if names[0] in session.get_providers() else f"{names[0]} is installed and does not start"


def provider_settings(device: str, threads: int) -> tuple[list[str], list[dict[str, Any]]]:
    """ONNX Runtime's providers for a device and their settings; the processor comes last, for missing operators."""
    import json

    settings: dict[str, dict[str, Any]] = {
        # Half precision is faster on some processors, but changes embeddings by more than SAME_FACE allows.
        "openvino": {
            "device_type": "CPU",
            "load_config": json.dumps(
                {"CPU": {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": str(threads)}}
            ),
        },
        # TF32 keeps only 10 bits of each number.
        "cuda": {"use_tf32": "0"},
    }
    names = list(dict.fromkeys([device, "cpu"]))
    return [DEVICES[name] for name in names], [settings.get(name, {}) for name in names]


def batch_size(device: str) -> int:
    """Faces per call."""
    return _BATCHES.get(device, _BATCH)


# Silences libraries that print, since our standard output is for results.


_TURN = threading.RLock()
"""The streams belong to the process: two threads that redirect them at once would never restore them."""


@contextlib.contextmanager
def no_stdout() -> Iterator[None]:
    """Drop what Python and C code print meanwhile."""
    with _TURN, _dropped(1), open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        yield


@contextlib.contextmanager
def no_stderr() -> Iterator[None]:
    """Drop what C code prints on stderr meanwhile; failures still raise exceptions."""
    with _TURN, _dropped(2):
        yield


@contextlib.contextmanager
def _dropped(stream: int) -> Iterator[None]:
    for python in (sys.stdout, sys.stderr):
        if python is not None:
            python.flush()  # text printed before must appear
    try:
        kept = os.dup(stream)
    except OSError:  # a service may run without this stream
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream)
        yield
    finally:
        os.dup2(kept, stream)
        os.close(kept)
        os.close(nowhere)
