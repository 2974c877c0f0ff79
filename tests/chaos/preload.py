"""The preloaded library: compiled here, and steered through a file that all processes of a run map."""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

__all__ = ["KINDS", "WRITING", "Call", "State", "Unavailable", "compile_library", "environment", "read_log"]

SOURCE = Path(__file__).with_name("faults.c")

KINDS = ("eio", "enospc", "before", "after", "torn", "full")
"""How a call goes wrong, as ``enum kind`` in faults.c from 1 on.

``eio`` and ``enospc`` fail once; ``before`` and ``after`` kill; ``torn`` kills in the middle of what is written;
``full`` writes half and refuses all that takes room from then on.
"""

WRITING = frozenset(["write", "pwrite", "sendfile", "copy_file_range"])
"""Calls that can be torn."""

_HEAD = struct.Struct("<qqiiiiii1024s1024s")


class Unavailable(Exception):
    """This system cannot preload a library, or has no compiler; the reason."""


class Call(NamedTuple):
    """One counted call: its number in the run, what it was, and the path below the world."""

    number: int
    name: str
    origin: str
    """Of a rename or a link: the path that gets the new name."""
    path: str


def compile_library(folder: Path) -> Path:
    """The library, made by this machine's compiler."""
    if not sys.platform.startswith("linux"):
        raise Unavailable(f"no LD_PRELOAD on {sys.platform}")
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Unavailable("no C compiler: neither cc nor gcc nor clang")
    library = folder / "faults.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-o", str(library), str(SOURCE), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{compiler} cannot compile {SOURCE.name}: {done.stderr.strip()}")
    return library


def environment(library: Path, state: Path) -> dict[str, str]:
    """What a process needs to be under the library's eyes."""
    return {"LD_PRELOAD": str(library), "CHAOS_STATE": str(state)}


@dataclass(slots=True)
class State:
    """The file that the library reads its orders from and counts in."""

    path: Path
    _map: mmap.mmap

    @classmethod
    def make(cls, path: Path) -> State:
        """A new, disarmed state."""
        path.write_bytes(bytes(_HEAD.size))
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> State:
        """The state that another process has made."""
        with path.open("r+b") as file:
            return cls(path, mmap.mmap(file.fileno(), _HEAD.size))

    def arm(self, root: Path, log: Path, target: int = 0, kind: str | None = None) -> None:
        """Count the calls below ``root`` from now on, and let number ``target`` go wrong."""
        log.unlink(missing_ok=True)
        order = 0 if kind is None else KINDS.index(kind) + 1
        self._map[:] = _HEAD.pack(0, target, order, 1, 0, 0, 0, 0, os.fsencode(root), os.fsencode(log))

    def disarm(self) -> None:
        """Let everything pass, uncounted."""
        self._map[:] = bytes(_HEAD.size)

    @property
    def is_hit(self) -> bool:
        """Whether the wanted call came."""
        return bool(_HEAD.unpack(self._map[:])[4])


def read_log(log: Path) -> list[Call]:
    """The counted calls in their order."""
    if not log.exists():
        return []
    lines = (line.split("\t", 3) for line in os.fsdecode(log.read_bytes()).splitlines())
    return sorted(Call(int(number), name, origin, path) for number, name, origin, path in lines)
