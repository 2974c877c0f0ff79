"""Every list of packages says the same: pyproject.toml, requirements.txt, what `doctor` looks for, the Makefile."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from photo_ranker.core.installation import BASE, EXTRAS

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ALL_EXTRAS = {name: packages for name, packages in PROJECT["optional-dependencies"].items() if name != "dev"}

OF_THE_CARD = ["insightface", "deepface", "raw"]
"""The extras that requirements.txt claims to hold."""

OPENCV = "opencv-python-headless"


def name_of(package: str) -> str:
    """All packages of OpenCV bring the same cv2."""
    return OPENCV if re.fullmatch(r"opencv-(contrib-)?python(-headless)?", package) else package


def ranges(lines: Iterable[str]) -> dict[str, Requirement]:
    parsed = [Requirement(line) for line in lines]
    return {name_of(one.name): one for one in parsed}


def pins() -> list[Requirement]:
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()]
    return [Requirement(line) for line in lines if line]


WANTED = ranges([*PROJECT["dependencies"], *(package for extra in OF_THE_CARD for package in ALL_EXTRAS[extra])])


def test_every_line_of_the_card_is_one_version() -> None:
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) for pin in pins())


@pytest.mark.parametrize("name", sorted(WANTED))
def test_the_card_holds_what_the_project_needs(name: str) -> None:
    versions = [Version(str(pin.specifier)[2:]) for pin in pins() if name_of(pin.name) == name]
    assert versions, f"{name} is missing in requirements.txt"
    assert len(set(versions)) == 1, "packages that share a folder must be of one version"
    assert WANTED[name].specifier.contains(versions[0]), f"{versions[0]} is not {WANTED[name].specifier}"


def test_the_card_holds_nothing_that_the_project_does_not_name() -> None:
    assert {name_of(pin.name) for pin in pins()} == set(WANTED)


def test_doctor_looks_for_the_same_base() -> None:
    assert {*BASE, OPENCV} == set(ranges(PROJECT["dependencies"]))


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_doctor_looks_for_the_same_extras(extra: str) -> None:
    assert set(EXTRAS[extra][1]) == set(ranges(ALL_EXTRAS[extra]))


def test_every_extra_is_tried_in_an_environment_of_its_own() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (others,) = re.findall(r"^EXTRAS := (.*)$", makefile, re.MULTILINE)
    in_check = re.findall(r"smoke_extras\.py (\w+)$", makefile, re.MULTILINE)
    assert sorted([*others.split(), *in_check]) == sorted([*ALL_EXTRAS, "base"])
