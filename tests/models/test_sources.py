from __future__ import annotations

import http.server
import shutil
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from photo_ranker.models import sources
from photo_ranker.models.sources import SourceFailed, Url, Wheel


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    sources._reachable.cache_clear()
    yield
    sources._reachable.cache_clear()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine with one file."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "weights.bin").write_bytes(b"weights")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(tmp_path / "www"))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_comes_from_the_web(web: str, tmp_path: Path) -> None:
    Url(f"{web}/weights.bin").fetch(tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"weights"


def test_a_file_that_has_moved_away_is_a_failed_source(web: str, tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"127\.0\.0\.1: HTTPError"):
        Url(f"{web}/gone.bin").fetch(tmp_path / "new")


def test_a_host_that_does_not_exist_fails_fast_and_is_remembered(tmp_path: Path) -> None:
    url = Url("https://models.invalid/weights.bin")
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(SourceFailed, match=r"^models\.invalid cannot be reached$"):
            url.fetch(tmp_path / "new")
    assert time.monotonic() - started < sources.KNOCK_SECONDS + 2
    assert sources._reachable.cache_info().misses == 1


def test_a_host_that_never_answers_costs_the_knock_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def silent(*_: object, **__: object) -> socket.socket:
        time.sleep(3)
        raise TimeoutError

    monkeypatch.setattr(sources, "KNOCK_SECONDS", 0.2)
    monkeypatch.setattr(socket, "create_connection", silent)
    started = time.monotonic()
    with pytest.raises(SourceFailed, match="cannot be reached"):
        Url("https://silent.example/weights.bin").fetch(tmp_path / "new")
    assert time.monotonic() - started < 2


def test_behind_a_proxy_the_proxy_is_knocked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "near.example")
    assert sources._host_and_port("https://far.example/weights.bin") == ("proxy.example", 3128)
    assert sources._host_and_port("https://near.example/weights.bin") == ("near.example", 443)


def wheel_in(folder: Path) -> str:
    """A wheel with one data file, made by hand; returns the folder as an index for pip."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "carrier-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("carrier/models/weights.bin", b"weights")
        wheel.writestr("carrier/__init__.py", "raise RuntimeError('must not run')")
        wheel.writestr("carrier-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n")
        wheel.writestr("carrier-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("carrier-1.0.dist-info/RECORD", "")
    return str(folder)


@pytest.fixture
def own_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", wheel_in(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


@pytest.mark.usefixtures("own_index")
def test_one_file_is_taken_out_of_a_wheel(tmp_path: Path) -> None:
    Wheel("carrier", "1.0", "carrier/models/weights.bin").fetch(tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"weights"


@pytest.mark.usefixtures("own_index")
def test_a_wheel_without_the_file_is_a_failed_source(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"^wheel carrier 1\.0 has no carrier/gone\.bin$"):
        Wheel("carrier", "1.0", "carrier/gone.bin").fetch(tmp_path / "new")


@pytest.mark.usefixtures("own_index")
def test_a_wheel_that_the_index_lacks_is_a_failed_source(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"carrier==2\.0: No matching distribution"):
        Wheel("carrier", "2.0", "carrier/models/weights.bin").fetch(tmp_path / "new")


@pytest.mark.usefixtures("own_index")
def test_a_pip_set_up_for_the_user_alone_does_not_mind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_USER", "1")
    Wheel("carrier", "1.0", "carrier/models/weights.bin").fetch(tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"weights"


def test_without_pip_uv_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    assert sources._installer()[:5] == ["/bin/uv", "pip", "install", "--python", sys.executable]


def test_without_any_installer_the_source_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sources, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SourceFailed, match=r"^neither pip nor uv is installed$"):
        Wheel("carrier", "1.0", "carrier/models/weights.bin").fetch(tmp_path / "new")
