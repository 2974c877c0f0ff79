"""The table of signals and everything that is read from it, printed from it or said of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from photo_ranker.exporters.document import CSV_COLUMNS, FACES_COLUMNS, signals_object
from photo_ranker.ranker import FaceSignals
from photo_ranker.ranker.signals import DEFECTS, OF_A_FACE, SIGNALS, Signal, columns
from photo_ranker.records import Face, FaceFigures, MeshFigures
from photo_ranker.settings import SignalSettings, WeightSettings
from photo_ranker.web.answers import page_words

ROOT = Path(__file__).parents[2]
FORMATS = (ROOT / "docs" / "FORMATS.md").read_text("utf-8")
STATIC = ROOT / "photo_ranker" / "web" / "static" / "js"

NOT_OF_A_SIGNAL = {
    "group_face_height", "group_min_face", "sure_detection",  # who counts beside the person
    "mesh_doubt", "mesh_presence",  # whether a mesh is trusted at all
    "picture_sharpness", "resolution", "thirds_across", "thirds_down", "headroom",  # of whole pictures
}  # fmt: skip


def test_a_face_has_the_signals_of_the_table_in_its_order() -> None:
    assert FaceSignals.__struct_fields__ == tuple(signal.name for signal in OF_A_FACE)
    assert [signal.name for signal in SIGNALS if signal not in OF_A_FACE] == ["good_faces", "group_sharpness"]
    assert list(signals_object(FaceSignals())) == [signal.name for signal in OF_A_FACE]


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_a_row_names_only_what_there_is(signal: Signal) -> None:
    homes = {"face": Face, "figures": FaceFigures, "mesh": MeshFigures}
    for home, _, name in (figure.partition(".") for figure in signal.figures):
        assert name in homes[home].__struct_fields__
    assert set(signal.curves) <= set(SignalSettings.declared())
    weights = {signal.single, signal.group} - {""}
    assert weights <= set(WeightSettings.declared())
    assert bool(signal.words) == bool(weights)
    assert bool(signal.label) == bool(signal.shown)
    assert signal.shown == "viewer" or not signal.short
    assert signal.about


def test_every_figure_curve_and_weight_is_some_signals() -> None:
    figures = {figure.removeprefix("figures.") for signal in SIGNALS for figure in signal.figures}
    assert set(FaceFigures.__struct_fields__) - figures == {"side_light"}
    curves = {name for signal in SIGNALS for name in signal.curves}
    assert set(SignalSettings.declared()) - curves == NOT_OF_A_SIGNAL
    named = [weight for signal in SIGNALS for weight in (signal.single, signal.group) if weight]
    named += [*(defect.penalty for defect in DEFECTS), "penalty_collage"]
    assert sorted(named) == sorted(name for name, about in WeightSettings.declared().items() if about.slider)


@pytest.mark.parametrize("kind", ["single", "group"])
def test_a_weight_counts_in_photos_of_its_own_kind(kind: str) -> None:
    weights = {name: about.slider for name, about in WeightSettings.declared().items()}
    assert {weights[getattr(signal, kind)] for signal in SIGNALS if getattr(signal, kind)} == {kind}


def test_defects_are_signals_that_have_a_penalty() -> None:
    settings = set(WeightSettings.declared())
    for defect in DEFECTS:
        assert defect.signal in FaceSignals.__struct_fields__
        assert {defect.penalty, defect.limit} - {""} <= settings
        assert not defect.replaces or defect.replaces in FaceSignals.__struct_fields__


def test_columns_that_were_there_stay() -> None:
    assert columns("first") == (
        "sharpness", "smile", "eyes_open", "facing", "exposure", "yaw_degrees", "pitch_degrees", "roll_degrees",
        "size", "noise", "visible", "not_cut",
    )  # fmt: skip
    assert CSV_COLUMNS[18:30] == columns("first")
    assert FACES_COLUMNS[17:29] == columns("first")
    assert CSV_COLUMNS[37:-3] == columns("added") == FACES_COLUMNS[30:]


def test_the_docs_say_of_each_column_what_the_table_says() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", FORMATS.split("## csv")[1].split("\n## ")[0], re.MULTILINE))
    for signal in OF_A_FACE:
        if signal.column:
            assert rows[signal.name] == signal.about
    assert CSV_COLUMNS[-3:] == ("close_to", "copies", "alternates")
    assert f"| {', '.join(f'`{name}`' for name in columns('first'))} | signals |" in FORMATS


def test_the_example_of_the_document_has_every_signal() -> None:
    example = json.loads(FORMATS.split("```json\n")[1].split("```")[0])
    assert list(example["results"][0]["signals"]) == [signal.name for signal in OF_A_FACE]


def test_the_app_has_the_labels_of_the_table() -> None:
    labels = {f"signal.{signal.name}": signal.label for signal in SIGNALS if signal.shown == "viewer"}
    assert json.loads(page_words()).items() >= labels.items()


def test_a_report_filters_by_signals_that_there_are() -> None:
    names = {signal.name for signal in OF_A_FACE}
    report = ROOT / "photo_ranker" / "exporters" / "report"
    (listed,) = re.findall(r"const signals = (\[.*?\])", (report / "filters.js").read_text("utf-8"))
    asked = json.loads(listed)
    assert asked
    assert set(asked) <= names
    template = (report / "template.html").read_text("utf-8")
    assert all(f'name="{name}"' in template for name in asked)
