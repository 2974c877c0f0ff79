"""The picture of where one photo's time goes."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bench.bare import REST
from bench.speed_picture import LEFT, WIDTH, main

FIGURES = {
    "faces a photo": 2.0,
    "stages": {REST: 10.0, "decode": 20.0, "detect": 30.0, "identity": 7.0, "mesh": 5.0, "signals": 16.0},
}


def test_bars_are_as_long_as_their_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.json").write_text(json.dumps(FIGURES))
    half = {"faces a photo": 1.0, "stages": {name: value / 2 for name, value in FIGURES["stages"].items()}}  # type: ignore[attr-defined]
    (tmp_path / "two.json").write_text(json.dumps(half))
    main([f"large & sharp={tmp_path / 'one.json'}", f"small={tmp_path / 'two.json'}"])
    root = ET.fromstring(capsys.readouterr().out)
    name = "{http://www.w3.org/2000/svg}"
    bars = [float(bar.get("width", 0)) for bar in root.iter(f"{name}rect") if bar.find(f"{name}title") is not None]
    assert sum(bars[:6]) == pytest.approx(WIDTH - 2 * LEFT, abs=0.5), "the longest fills the page"
    assert bars[3] == pytest.approx(bars[0] * 1.4, abs=0.2), "two faces of 7 ms beside 10 ms"
    # Faces count twice: half the time a face, and half the faces.
    assert sum(bars[6:]) == pytest.approx((76 / 2 + 24 / 4) * sum(bars[:6]) / 100, abs=0.5)
    texts = [text.text for text in root.iter(f"{name}text")]
    assert "large & sharp, 2.0 faces: 100 ms of one core" in texts
    assert "small, 1.0 faces: 44 ms of one core" in texts
