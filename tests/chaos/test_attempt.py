"""The harness must find what is wrong: a program that writes badly on purpose; then what it found in ours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chaos.crew import Crew
from chaos.preload import WRITING, Call, Unavailable

pytestmark = pytest.mark.slow

BAD = """
import json, os, sys
from pathlib import Path
from chaos.attempt import Workshop
from chaos.preload import State
from chaos.scenario import Failed, Scenario

def prepare(_):
    for folder in ("album", "out"):
        Path(folder).mkdir()
    Path("album/a.jpg").write_bytes(b"a photo")
    Path("ref.jpg").write_bytes(b"a reference")
    Path("out/list").write_bytes(b"an older list")

def step(_):
    photo, temporary = Path("album/a.jpg"), Path(f"out/.temporary-{os.getpid()}")
    if not Path("out/list").read_bytes():
        raise Failed(1, "the list is empty")
    try:
        photo.write_bytes(b"changed")  # 1 and 2
        photo.write_bytes(b"a photo")
        temporary.write_bytes(b"x")  # 5 and 6
        Path("out/list").write_bytes(b"a newer list")  # 7 and 8
        temporary.unlink()
    except OSError:
        pass  # and says that all is well

def seen(_):
    return Path("out/list").read_text()

shop = Workshop(Path(sys.argv[1]), State.open(Path(os.environ["CHAOS_STATE"])))
scenario = Scenario("bad", (prepare,), (step,), seen)
found = {}
for call, kind in ((2, "torn"), (8, "torn"), (6, "after"), (8, "before"), (6, "eio"), (1, "before")):
    is_hit, wrong = shop.attempt(scenario, call, kind)
    assert is_hit
    found[f"{call} {kind}"] = [item.severity for item in wrong]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Any:
    try:
        with Crew(tmp_path_factory.mktemp("chaos"), jobs=1) as crew:
            yield crew
    except Unavailable as reason:
        pytest.skip(f"chaos: {reason}")


def test_what_is_wrong_is_found(crew: Crew, tmp_path: Path) -> None:
    variables = {**os.environ, **crew.variables(tmp_path)}
    command = [sys.executable, "-c", BAD, str(tmp_path)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["2 torn"][0] == "original harmed"
    assert found["8 torn"][:2] == ["word lost", "half-written"]
    assert "leftovers" in found["6 after"]
    assert found["8 before"] == ["word lost", "half-written", "next run fails"]
    assert found["6 eio"][0] == "word lost", "confirmed, and the list is the old one"
    assert found["1 before"] == []


FORMER = [
    ("export gallery", "/001-0003.jpg", "eio"),
    ("people export-faces", "/.photo_ranker_faces.json", "before"),
    ("event", "/out/event/thumbnails/", "torn"),
    ("xmp embed", "/photo.jpg", "before"),
    ("closed folder: index", "/told/no-second-network", "before"),
]
"""Scenario, a part of the path, kind: what went wrong before it was mended."""


@pytest.mark.parametrize(("scenario", "path", "kind"), FORMER)
def test_what_was_found_stays_mended(crew: Crew, scenario: str, path: str, kind: str) -> None:
    if scenario not in crew.scenarios:
        pytest.skip(f"{scenario}: a program is missing")
    calls = [Call(*call) for call in crew.ask({"scenario": scenario})["calls"]]
    wanted = next(call.number for call in calls if path in call.path and (kind != "torn" or call.name in WRITING))
    answer = crew.ask({"scenario": scenario, "call": wanted, "kind": kind})
    assert answer["hit"]
    assert answer["found"] == [], re.sub(r"\s+", " ", str(answer))
