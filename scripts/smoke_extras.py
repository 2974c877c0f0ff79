"""Tries one extra of pyproject.toml in an environment that holds it alone.

python scripts/smoke_extras.py raw

`base` tries an environment without extras: whatever needs one must end in one clear line.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

from small_album import PERSON, REFERENCE, write_album

ROOT = Path(__file__).parent.parent
sys.path += [str(ROOT), str(ROOT / "tests")]  # after the installed packages

PHOTO_RANKER = str(Path(sys.executable).with_name("photo-ranker"))


def run(*words: str, code: int = 0, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command of ours, which must end with this exit code."""
    from photo_ranker.core.files import cache_folder

    # Use another home, but leave the models where they are.
    moved = {"HOME": str(home), "USERPROFILE": str(home), "PHOTO_RANKER_CACHE": str(cache_folder())}
    environment = os.environ if home is None else os.environ | moved
    done = subprocess.run([PHOTO_RANKER, *words], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done


def write_raw(album: Path) -> None:
    """A camera RAW whose preview is a sample photo."""
    from photo_files import dng
    from photo_ranker.models.store import sample_photo

    preview = sample_photo("mask_white.jpg").read_bytes()
    if len(preview) > 60_000:
        preview = _smaller(preview)
    (album / "raw.dng").write_bytes(dng((2400, 1440), preview, (1200, 720)))


def _smaller(photo: bytes) -> bytes:
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.open(io.BytesIO(photo)).convert("RGB").resize((1200, 720)).save(stream, "JPEG", quality=60)
    return stream.getvalue()


def try_base(folder: Path) -> None:
    """Without extras RAW files are told apart from damaged ones, and the app says what it needs."""
    album = write_album(folder)
    write_raw(album)
    document = json.loads(run("index", str(album), "--json").stdout)
    (left_out,) = document["unreadable"]
    assert left_out["reason"].endswith("pip install 'photo-ranker[raw]'"), left_out
    assert document["counts"]["analysed"] == len(PERSON) + 1
    assert "pip install 'photo-ranker[web]'" in run("serve", str(album), code=2).stderr
    assert "pip install pyarrow" in run("export", "--photos", str(album), "--faces", "f.parquet", code=2).stderr


def try_raw(folder: Path) -> None:
    """A camera RAW is measured."""
    album = write_album(folder)
    write_raw(album)
    counts = json.loads(run("index", str(album), "--json").stdout)["counts"]
    assert (counts["analysed"], counts["unreadable"]) == (len(PERSON) + 2, 0), counts


def try_web(folder: Path) -> None:
    """The app starts, and answers to its token."""
    album = write_album(folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [PHOTO_RANKER, "serve", str(album), "--port", str(port), "--token", "smoke-test", "--no-browser"]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/albums", headers={"Authorization": "Bearer smoke-test"}
        )
        assert _answer(request, server), "the app does not answer"
    finally:
        server.terminate()
        server.wait(30)


def _answer(request: urllib.request.Request, server: subprocess.Popen[str]) -> object:
    for _ in range(120):
        assert server.poll() is None, server.stderr.read() if server.stderr else "the app has ended"
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except URLError as error:
            if isinstance(error.reason, ConnectionRefusedError):
                time.sleep(0.5)
                continue
            raise
    return None


def try_scaleout(folder: Path) -> None:
    """A local Ray measures an album."""
    album = write_album(folder)
    words = ["index", str(album), "--ray", "local", "--workers", "1", "--json"]
    assert json.loads(run(*words).stdout)["counts"]["analysed"] == len(PERSON) + 1


def try_parquet(folder: Path) -> None:
    """The table of faces is a Parquet file."""
    album = write_album(folder)
    run("export", "--photos", str(album), "--faces", str(folder / "faces.parquet"))
    assert (folder / "faces.parquet").read_bytes().startswith(b"PAR1")


def try_classic(folder: Path) -> None:
    """Textbook clustering finds the person."""
    album = write_album(folder)
    people = json.loads(run("people", "list", str(album), "--algorithm", "dbscan", "--json").stdout)["people"]
    assert max(len(person["faces"]) for person in people) == len(PERSON), people


def try_fit(_: Path) -> None:
    """The network for dark glasses can be trained."""
    import numpy as np

    from bench.fit_eyewear.training import trained
    from photo_ranker.quality.eyewear import PLANES, STRIP

    planes = np.zeros((256, *STRIP, PLANES), np.float16)
    planes[::2] = 1
    assert trained(planes, np.arange(256, dtype=np.float32) % 2)


def try_insightface(folder: Path) -> None:
    """A pack of toy models ranks pictures that it understands."""
    assert _rank_toys(folder) == {"a1.png", "a2.png", "both.png"}


def try_deepface(folder: Path) -> None:
    """The emotion of deepface is measured beside our own signals."""
    from card.toy_models import write_emotion

    album = write_album(folder)
    write_emotion(folder)
    words = ["rank", "--ref", str(folder / REFERENCE), "--photos", str(album), "--smile", "deepface", "--json"]
    results = json.loads(run(*words, home=folder).stdout)["results"]
    assert {Path(result["path"]).name for result in results} == PERSON, results


def _rank_toys(folder: Path) -> set[str]:
    from card.pictures_of_toys import draw_album
    from card.toy_models import write_pack

    album = draw_album(folder / "toys")
    engine = ["--engine", str(write_pack(folder / "pack"))]
    done = run("rank", "--ref", str(album / "a1.png"), "--photos", str(album), *engine, home=folder)
    return {Path(line).name for line in done.stdout.split()}


TRIALS: dict[str, Callable[[Path], None]] = {
    "base": try_base,
    "raw": try_raw,
    "web": try_web,
    "scaleout": try_scaleout,
    "parquet": try_parquet,
    "classic": try_classic,
    "fit": try_fit,
    "insightface": try_insightface,
    "deepface": try_deepface,
}
"""Extra of pyproject.toml -> how it is tried."""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        TRIALS[sys.argv[1]](Path(place))
    print(f"{sys.argv[1]}: works in an environment of its own")
