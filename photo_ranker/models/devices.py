"""What models run on: the processor, or an accelerator that the installed ONNX Runtime can use.

The same photo gives the same faces on every device, within :data:`SAME_FACE` and :data:`SAME_PLACE`;
so a device is part of no key, and facts measured on one serve on all.
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
"""What ``auto`` takes, best first. Not CoreML, which every Mac has: it compiles a model anew for each size of photo."""

SAME_FACE = 0.999
"""Cosine that the two embeddings of a face have at least, measured on two devices."""
SAME_PLACE = 0.98
"""Overlap that its two boxes have at least; their certainties differ by 0.01 at most."""

_BATCHES: Mapping[str, int] = {"cuda": 32, "coreml": 16, "directml": 16}
_BATCH = 4
"""Faces in one call on a processor: more do not fit into its cache and take longer, face by face."""


def providers() -> list[str]:
    """What the installed ONNX Runtime can run on, in its own words."""
    import onnxruntime

    return list(onnxruntime.get_available_providers())


def device_choices() -> list[str]:
    """The words that name a device."""
    return [AUTO, *DEVICES]


def check_device(device: str) -> None:
    """Refuse a word that names no device."""
    if device != AUTO and device not in DEVICES:
        raise UserError(f"there is no device '{device}'", f"choose one of: {', '.join(device_choices())}")


def chosen_device(device: str) -> str:
    """The device that is meant, tried out; ``auto`` always finds one."""
    check_device(device)
    if device == AUTO:
        return next((name for name in PREFERRED if not why_not(name)), "cpu")
    if reason := why_not(device):
        raise UserError(f"'{device}' cannot be used: {reason}", f"{command('doctor')} says what to install for it")
    return device


@cache
def why_not(device: str) -> str:
    """Why a device cannot be used here; empty where it can. A tiny model is run on it, once a process."""
    if device == "cpu":
        return ""
    if DEVICES[device] not in providers():
        return f"this ONNX Runtime has no {DEVICES[device]}"
    return _failure(device)


def _failure(device: str) -> str:
    """ONNX Runtime passes over a provider that cannot start and takes the processor, without an error."""
    import numpy as np
    import onnxruntime

    from photo_ranker.models.onnx_prepare import trial_model

    if device == "cuda" and hasattr(onnxruntime, "preload_dlls"):
        with no_stdout(), no_stderr():  # it prints what it does not find; the trial tells
            onnxruntime.preload_dlls()  # where pip has put CUDA, no system looks
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
    """ONNX Runtime's providers for a device, the processor last for what it lacks, and the settings of each."""
    settings: dict[str, dict[str, Any]] = {
        # Half precision is faster where a processor has it, and moves embeddings by more than we allow.
        "openvino": {
            "device_type": "CPU",
            "load_config": json.dumps(
                {"CPU": {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": str(threads)}}
            ),
        },
        # TF32 keeps 10 bits of each number.
        "cuda": {"use_tf32": "0"},
    }
    names = list(dict.fromkeys([device, "cpu"]))
    return [DEVICES[name] for name in names], [settings.get(name, {}) for name in names]


def batch_size(device: str) -> int:
    """How many faces to hand over in one call."""
    return _BATCHES.get(device, _BATCH)
