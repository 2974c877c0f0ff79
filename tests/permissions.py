"""Root ignores permissions; here it obeys them for a while."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

__all__ = ["obeyed"]

VERSION_3 = 0x20080522
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2
"""Numbers of the Linux capabilities to read, write and enter anything."""


@contextmanager
def obeyed() -> Iterator[None]:
    """Permissions hold for this thread, even as root; its subprocesses may ignore them again."""
    if os.name == "nt" or (os.geteuid() == 0 and sys.platform != "linux"):
        pytest.skip("permissions as on POSIX, and root's as on Linux")
    if os.geteuid() != 0:
        yield
        return
    before = _capabilities()
    _set_capabilities([before[0] & ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH), *before[1:]])
    try:
        yield
    finally:
        _set_capabilities(before)


def _capabilities() -> list[int]:
    """Effective, permitted, inheritable; then the same for the capabilities from number 32 on."""
    words = (ctypes.c_uint32 * 6)()
    _call("capget", words)
    return list(words)


def _set_capabilities(values: list[int]) -> None:
    _call("capset", (ctypes.c_uint32 * 6)(*values))


def _call(name: str, words: ctypes.Array[ctypes.c_uint32]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    if getattr(libc, name)(head, words):
        raise OSError(ctypes.get_errno(), name)
