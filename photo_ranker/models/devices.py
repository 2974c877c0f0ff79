"""Where models run: on the processor, or on an accelerator that the installed ONNX Runtime can use.

The same photo gives the same faces on every device, within :data:`SAME_FACE` and :data:`SAME_PLACE`. So the device is
not part of any key: what one device measured is up to date on all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from photo_ranker.errors import UserError
from photo_ranker.models.quiet import no_stderr, no_stdout
from photo_ranker.terminal import command

__all__ = [
    "AUTO",
    "DEVICES",
    "SAME_FACE",
    "SAME_PLACE",
    "batch_size",
    "check_device",
    "chosen_device",
    "device_choices",
    "provider_settings",
    "providers",
    "why_not",
]

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
"""Least overlap of its boxes; their certainties differ by 0.01 at most."""

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

    from photo_ranker.models.onnx_prepare import trial_model

    if device == "cuda" and hasattr(onnxruntime, "preload_dlls"):
        with no_stdout(), no_stderr():  # it prints what it does not find; the trial reports that
            onnxruntime.preload_dlls()  # finds CUDA where pip installed it
    names, settings = provider_settings(device, threads=1)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(trial_model(), options, providers=names, provider_options=settings)
        session.run(None, {"x": np.ones((1, 4), np.float32)})
    except Exception as error:  # noqa: BLE001 - whatever a driver throws, it is the reason that is asked for
        return str(error).splitlines()[0]
    return "" if names[0] in session.get_providers() else f"{names[0]} is installed and does not start"


def provider_settings(device: str, threads: int) -> tuple[list[str], list[dict[str, Any]]]:
    """ONNX Runtime's providers for a device and their settings; the processor comes last, for missing operators."""
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
