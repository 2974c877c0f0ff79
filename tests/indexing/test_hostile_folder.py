"""A folder full of damaged files, indexed by the real command with the real models."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from photo_files import TINY_HEIC, dng, encoded
from photo_ranker.models.store import sample_photo

COUNT = 500
SUFFIXES = [".jpg", ".png", ".heic", ".dng", ".tif", ".webp", ".gif", ".avif", ".JPEG", ".bmp"]


def good_files() -> list[bytes]:
    """Photos with faces, in every format."""
    with Image.open(sample_photo("Tom_Hanks_54745.png")) as opened:
        face = opened.convert("RGB").resize((160, 160))
    files = [encoded(face, kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "MPO")]
    files.append(encoded(face, "JPEG", progressive=True))
    files.append(encoded(face.convert("CMYK"), "JPEG"))
    preview = io.BytesIO()
    face.save(preview, "JPEG")
    return [*files, TINY_HEIC, dng((128, 96), preview.getvalue(), (160, 160))]


def mutated(data: bytes, dice: random.Random) -> bytes:
    """One of the ways in which files come to harm."""
    changed = bytearray(data)
    way = dice.choice(["bits", "bits", "head", "cut", "zeros", "doubled", "inserted", "whole"])
    if way == "bits":
        for _ in range(dice.randint(1, 40)):
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    elif way == "head":  # where the sizes and the tables are
        for _ in range(dice.randint(1, 10)):
            changed[dice.randrange(min(200, len(changed)))] = dice.randrange(256)
    elif way == "cut":
        del changed[dice.randrange(1, len(changed)) :]
    elif way == "zeros":
        start = dice.randrange(len(changed))
        changed[start : start + 500] = bytes(min(500, len(changed) - start))
    elif way == "doubled":
        changed += changed[: dice.randrange(len(changed))]
    elif way == "inserted":
        place = dice.randrange(len(changed))
        changed[place:place] = dice.randbytes(dice.randint(1, 50))
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_500_damaged_files_are_all_in_the_report(tmp_path: Path) -> None:
    dice = random.Random(1)
    files = good_files()
    for number in range(COUNT):
        suffix = dice.choice(SUFFIXES)
        (tmp_path / f"{number:03}{suffix}").write_bytes(mutated(dice.choice(files), dice))
    command = [sys.executable, "-m", "photo_ranker", "index", str(tmp_path), "--json", "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    report = json.loads(done.stdout)
    counts = report["counts"]
    assert counts["found"] + counts["skipped"] == COUNT
    assert counts["found"] == counts["analysed"] + counts["unreadable"]
    assert counts["analysed"] > 50
    assert counts["unreadable"] > 50
    reasons = {entry["reason"] for entry in report["unreadable"]}
    assert not [reason for reason in reasons if "cannot be measured" in reason], "an error that nobody understood"
    again = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    after = json.loads(again.stdout)
    assert after["counts"]["fresh"] == counts["analysed"]
    assert sorted(map(str, after["unreadable"])) == sorted(map(str, report["unreadable"]))
