"""Tells failures of the installation from those of photos: a missing package or lack of memory is no photo's fault.

Decoders, worker processes and commands all ask :func:`failure_of_ours` before they blame a photo.
"""

from __future__ import annotations

import errno
import re
import sys
from types import TracebackType

from photo_ranker.core.terminal import command
from photo_ranker.errors import Explained, ExtraMissing, InstallationBroken, OutOfMemory, RunFailed, UserError

__all__ = [
    "BASE",
    "EXTRAS",
    "MEASURING_BYTES",
    "about_missing",
    "check_memory",
    "failure_of_ours",
    "is_memory_limited",
    "is_memory_short",
    "memory_limit",
    "out_of_memory",
]

EXTRAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "raw": ("camera RAW files", ("rawpy",)),
    "web": ("the web app", ("fastapi", "uvicorn", "jinja2", "python-multipart")),
    "parquet": ("tables of faces as Parquet files", ("pyarrow",)),
    "scaleout": ("clusters and object storage", ("ray", "fsspec")),
    "insightface": ("stronger identity models", ("insightface",)),
    "deepface": ("a second opinion on smiles", ("deepface", "werkzeug")),
}
"""Extra of pyproject.toml -> what it is for, and its packages."""

BASE: dict[str, str] = {
    "numpy": "numpy",
    "msgspec": "msgspec",
    "pillow": "PIL",
    "simplejpeg": "simplejpeg",
    "pi-heif": "pi_heif",
    "onnxruntime": "onnxruntime",
    "onnx": "onnx",
    "ai-edge-litert": "ai_edge_litert",
    "pooch": "pooch",
    "tqdm": "tqdm",
}
"""Package of the base installation -> its module. OpenCV is not listed, since several packages provide it."""

_SCREEN_LIBRARIES = ("libGL", "libEGL", "libgthread", "libglib", "libxcb")
"""Libraries that opencv-python needs and a server without a screen lacks."""

_MEMORY_WORDS = re.compile(
    r"bad_alloc|bad allocation|insufficient memory|out ?of ?memory|cannot allocate memory|can't allocate|"
    r"(failed|unable) to (allocate|map segment)|can't start new thread|pthread_create",
    re.IGNORECASE,
)
"""Messages of C++ libraries and the system's loader when memory runs out; they have no error class for it."""

LEAST_BYTES = 250_000_000
"""OpenBLAS ends the process when it cannot reserve its buffers; with this much we can report a failure ourselves."""

MEASURING_BYTES = 1_000_000_000
"""Of address space. On 2 processors OpenCV crashes on import below 450 MB; models or OpenBLAS fail up to 810 MB."""

_PROBE_BYTES = 1 << 27
"""A process that cannot allocate 128 MB is short of memory: decoders then report all sorts of damage."""


def failure_of_ours(error: BaseException) -> RunFailed | None:
    """The failure of this installation behind an error, or ``None`` if the photo may be to blame."""
    if isinstance(error, RunFailed):
        return error
    if _says_no_memory(error) or (not isinstance(error, ImportError) and is_memory_short()):
        return out_of_memory()
    if isinstance(error, ImportError) or _happened_while_importing(error.__traceback__):
        known = about_missing(error) if isinstance(error, ImportError) else None
        if known is not None:
            kind = ExtraMissing if isinstance(known, UserError) else InstallationBroken
            return kind(known.message, known.advice)
        text = " ".join(str(error).split())
        return InstallationBroken(f"a library does not load: {text}", f"see {command('doctor')}, or install again")
    return None


def out_of_memory() -> OutOfMemory:
    """The error for a process that has run out of memory."""
    limited = "this process may not take more (ulimit -v)" if is_memory_limited() else "close other programs"
    return OutOfMemory("there is not enough memory", f"{limited}; --workers 1 needs the least")


def is_memory_limited() -> bool:
    """Whether the system limits the memory of this process: C libraries may then crash without an error."""
    return memory_limit() is not None


def memory_limit() -> int | None:
    """The limit of this process's memory in bytes (``ulimit -v``); ``None`` if there is none."""
    if sys.platform == "win32":
        return None
    try:
        import resource
    except ImportError:  # not even enough memory for this module
        return 0
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def check_memory(least: int = LEAST_BYTES) -> None:
    """Refuse to start under a limit so low that C libraries would crash or end the process."""
    limit = memory_limit()
    if limit is not None and limit < least:
        raise OutOfMemory(
            f"this process may take only {limit / 1e6:.0f} MB of memory (ulimit -v)",
            f"measuring photos takes {MEASURING_BYTES / 1e6:.0f} MB a process: raise the limit",
        )


def _says_no_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    # UserErrors quote file names, which may hold any words.
    text = "" if isinstance(error, Explained) else str(error)
    return bool(_MEMORY_WORDS.search(text)) and "not permitted" not in text


def is_memory_short() -> bool:
    """Whether memory is so short that a decoder's verdict on a photo means nothing."""
    if not is_memory_limited():
        return False
    try:
        bytearray(_PROBE_BYTES)
    except MemoryError:
        return True
    return False


def _happened_while_importing(trace: TracebackType | None) -> bool:
    """Whether an import failed: libraries with missing parts raise OSError, AttributeError or RuntimeError."""
    while trace is not None:
        code = trace.tb_frame.f_code
        # Python may hide the frames of its importer; the body of a module runs only during an import.
        if code.co_name == "<module>" or code.co_filename.startswith("<frozen importlib"):
            return True
        trace = trace.tb_next
    return False


def about_missing(error: ImportError) -> Explained | None:
    """The error for the user, or ``None`` if the bug is ours.

    A missing extra is the user's choice; a missing part of the base is a broken installation.
    """
    text = str(error)
    if ".so" in text and any(name in text for name in _SCREEN_LIBRARIES):
        return InstallationBroken(
            f"OpenCV cannot start on this machine: {text.partition(':')[0]} is missing",
            "pip uninstall opencv-python opencv-contrib-python && pip install --force-reinstall"
            " opencv-python-headless; or install the system's libgl1 and libglib2.0-0",
        )
    module = (error.name or "").partition(".")[0]
    for purpose, packages in EXTRAS.values():
        if module.replace("_", "-") in packages:
            return UserError(f"{module}, for {purpose}, is not installed", f"pip install {' '.join(packages)}")
    for package, its_module in {**BASE, "opencv-python-headless": "cv2"}.items():
        if module == its_module:
            what = f"{package} is not installed" if error.name == module and "No module" in text else text
            return InstallationBroken(f"{module} cannot be used: {what}", f"pip install --force-reinstall {package}")
    return None
