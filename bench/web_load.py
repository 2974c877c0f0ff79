"""The app under load: clients that scroll and move sliders in 10,000 photos while an index job runs.

python -m bench.web_load [--photos 10000] [--clients 20] [--seconds 30]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from photo_ranker.models.store import sample_photo
from web_helpers import make_album

LIMIT_MS = 300.0


def main() -> int:
    """Measure, print, and say whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        album = make_album(root / "large", args.photos)
        work = root / "to index"
        work.mkdir()
        for number in range(400):
            # A byte at the end makes each copy a photo of its own.
            (work / f"{number}.jpg").write_bytes(
                sample_photo("t1.jpg").read_bytes() + bytes([number % 256, number // 256])
            )
        process, server = _serve(root / "home", album, work)
        try:
            return _measure(server, args)
        finally:
            process.terminate()
            process.wait(40)
            shutil.rmtree(root / "home")


@dataclass(frozen=True)
class Server:
    """Where the app is, and what lets a program in."""

    address: str
    token: str

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the API."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        with urlopen(Request(self.address + path, data, headers), timeout=30) as answer:
            return json.loads(answer.read())


def _serve(home: Path, *folders: Path) -> tuple[subprocess.Popen[bytes], Server]:
    command = [sys.executable, "-m", "photo_ranker", "serve", *map(str, folders)]
    command += ["--port", "0", "--no-browser", "--json"]
    environment = {**os.environ, "PHOTO_RANKER_DATA": str(home)}
    environment.pop("PHOTO_RANKER_TOKEN", None)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout
    told = json.loads(process.stdout.readline())
    return process, Server(told["address"], told["token"])


def _measure(server: Server, args: argparse.Namespace) -> int:
    large, work = server.ask("api/albums")["albums"]
    base = f"api/albums/{large['id']}"
    started = time.perf_counter()
    photo = server.ask(f"{base}/photos?limit=1")["photos"][0]
    print(f"album read in {time.perf_counter() - started:.2f} s")
    face = server.ask(f"{base}/photos/{photo['id']}")["faces"][0]["face"]["id"]
    started = time.perf_counter()
    found = server.ask(f"{base}/rank", {"faces": [face]})
    print(f"person found in {found['total']} photos in {time.perf_counter() - started:.2f} s")
    _one_by_one(server, base, face)
    job = server.ask(f"api/albums/{work['id']}/index", {})
    times: dict[str, list[float]] = {"grid": [], "rank": []}
    errors: list[str] = []
    end = time.perf_counter() + args.seconds
    clients = [
        threading.Thread(target=_client, args=(server, base, face, times, errors, end)) for _ in range(args.clients)
    ]
    for client in clients:
        client.start()
        time.sleep(1 / args.clients)
    for client in clients:
        client.join()
    state = server.ask(f"api/jobs/{job['id']}")
    print(f"meanwhile the index job is {state['state']}: {state['progress']}")
    worst = 0.0
    for name, values in times.items():
        values.sort()
        p95 = values[len(values) * 95 // 100] * 1000
        worst = max(worst, p95)
        print(f"{name}: {len(values)} requests, median {values[len(values) // 2] * 1000:.0f} ms, p95 {p95:.0f} ms")
    print(f"{len(errors)} errors {errors[:3]}")
    return int(bool(errors) or worst > LIMIT_MS)


def _one_by_one(server: Server, base: str, face: str) -> None:
    """What a slider costs on a quiet server."""
    times = []
    for number in range(20):
        started = time.perf_counter()
        server.ask(f"{base}/rank", {"faces": [face], "weights": {"single_smile": 1 + number / 10}})
        times.append(time.perf_counter() - started)
    times.sort()
    print(f"slider alone: median {times[10] * 1000:.0f} ms, worst {times[-1] * 1000:.0f} ms")


def _client(server: Server, base: str, face: str, times: dict[str, list[float]], errors: list[str], end: float) -> None:
    chance = random.Random(threading.get_ident())
    while (begun := time.perf_counter()) < end:
        name = chance.choice(["grid", "rank"])
        try:
            if name == "grid":
                server.ask(f"{base}/photos?limit=120&offset={chance.randrange(0, 9000)}")
            else:
                weights = {
                    "single_smile": round(chance.uniform(0, 5), 2),
                    "group_good_faces": round(chance.uniform(0, 5), 2),
                }
                server.ask(f"{base}/rank", {"faces": [face], "weights": weights})
            times[name].append(time.perf_counter() - begun)
        except OSError as error:
            errors.append(str(error))
        time.sleep(max(0.0, 1 - (time.perf_counter() - begun)))


if __name__ == "__main__":
    sys.exit(main())
