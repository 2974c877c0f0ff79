from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from photo_ranker.errors import SettingError
from photo_ranker.settings import Setting, Settings, WeightSettings, declared, from_values, render
from photo_ranker.workspace import tuning
from photo_ranker.workspace.tuning import load_settings

CONFIG = Path(__file__).parent.parent / "config.py"


def test_config_py_is_in_step() -> None:
    assert CONFIG.read_text("utf-8") == render(), "settings have changed: run make config"


def test_config_py_gives_the_defaults() -> None:
    assert load_settings(CONFIG) == Settings()


@pytest.mark.parametrize("about", [pytest.param(about, id=name) for _, name, about in declared()])
def test_every_default_is_in_its_own_range_and_explained(about: Setting) -> None:
    # Checked here, since a section does not check a value that is its default.
    parts = about.default if isinstance(about.default, tuple) else (about.default,)
    assert all(about.low <= part <= about.high for part in parts)
    assert about.meaning
    assert about.unit or isinstance(about.default, bool)


@pytest.mark.parametrize(
    ("name", "value"),
    [("min_face", 0), ("min_face", 40.5), ("min_face", "40"), ("min_face", True), ("spread", float("nan"))],
)
def test_a_bad_value_names_the_setting_and_its_range(name: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        from_values({name: value})
    assert name.upper() in caught.value.message
    assert "it must be" in caught.value.advice


@pytest.mark.parametrize(("name", "value"), [("single_smile", -3), ("min_face", "40"), ("smile", (0, 2))])
def test_a_bad_value_is_refused_whoever_sets_it(name: str, value: object) -> None:
    values: dict[str, Any] = {name: value}
    with pytest.raises(SettingError, match=name.upper()):
        Settings(**values)
    with pytest.raises(SettingError, match=name.upper()):
        Settings().changed(**values)


def test_flat_names_reach_their_sections() -> None:
    tuned = Settings(min_face=40, single_smile=9.0)
    assert (tuned.match.min_face, tuned.weights.single_smile) == (40, 9.0)
    assert tuned.measure == Settings().measure
    again = tuned.changed(burst_seconds=3.0)
    assert (again.match, again.moments.burst_seconds) == (tuned.match, 3.0)
    assert from_values(again.values()) == again != tuned


def test_no_name_is_declared_twice() -> None:
    names = [name for _, name, _ in declared()]
    assert len(names) == len(set(names)) == len(Settings().values())
    assert {section for section, _, _ in declared()} == {item.name for item in fields(Settings)}


def test_every_weight_of_a_ranking_has_a_slider() -> None:
    sliders = {name for name, about in WeightSettings.declared().items() if about.slider}
    assert sliders == set(WeightSettings.declared()) - {
        "unseen_expression", "heavy_blur", "bad_light", "stars", "as_good",
    }  # fmt: skip


def test_a_list_is_as_good_as_a_tuple() -> None:
    values: dict[str, Any] = {"smile": [0.1, 0.9]}
    assert Settings(**values).signals.smile == (0.1, 0.9)


def test_an_unknown_setting_names_the_nearest() -> None:
    with pytest.raises(SettingError, match="MIN_FACES") as caught:
        from_values({"min_faces": 40})
    assert caught.value.advice == "did you mean MIN_FACE?"


def test_a_curve_takes_two_numbers_in_range() -> None:
    curves = [name for _, name, about in declared() if isinstance(about.default, tuple)]
    assert curves
    for name in curves:
        with pytest.raises(SettingError):
            from_values({name: (0.5,)})
        with pytest.raises(SettingError):
            from_values({name: "ab"})


def test_no_config_gives_the_defaults() -> None:
    assert load_settings(None) == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MIN_FACE = ", "line 1"),
        ("MIN_FACE = 40\nMIN_FACE == = 3", "line 2"),
        ("MIN_FACE = 1 / 0", "ZeroDivisionError"),
        ("MIN_FACE = 1", "MIN_FACE is 1"),
        ("SPREAD = 1e999", "SPREAD is inf"),
        ("SPREAD = -0.1", "SPREAD is -0.1"),
        ("SPREAD = float('nan')", "SPREAD is nan"),
        ("SMILE = (0, -1e999)", r"SMILE is \(0, -inf\)"),
        ("MIN_FACE = 1" + "0" * 5000, "line 1: Exceeds the limit"),
        ("MIN_FACE = 10 ** 5000", "MIN_FACE is a number of thousands of digits"),
        ("SMILE = [0.5] * 1000", r"SMILE is \(?\[0.5, .*\.\.\.$"),
        ("class Odd:\n    def __repr__(self): 1 / 0\nMIN_FACE = Odd()", "MIN_FACE is a Odd"),
        ("raise SystemExit", "SystemExit$"),
        ("import sys; sys.exit(7)", "SystemExit: 7"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import os; os._exit(9)", "exit code 9"),
        ("import os; os.abort()", "exit code -6"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines$"),
        ("MIN_FACE = " + "(" * 5000 + "40" + ")" * 5000, "nested"),
        ("#" * 1_000_001, "too large"),
        ("MIN_FACE = 40\0", "null bytes"),
        ("MIN_FACE = '\udcff'", "line 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, words: str) -> None:
    config = tmp_path / "config.py"
    config.write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(SettingError, match=words) as caught:
        load_settings(config)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 350
    assert caught.value.advice


def test_small_names_in_a_config_are_the_users_own(tmp_path: Path) -> None:
    config = tmp_path / "config.py"
    config.write_text("import math\nhalf = 20\nMIN_FACE = 2 * half + 10\n")
    assert load_settings(config).match.min_face == 50


def test_a_missing_config_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no config file"):
        load_settings(tmp_path / "none.py")


@pytest.mark.parametrize("loop", ["while True: pass", "import itertools\nsum(itertools.count())"])
def test_an_endless_loop_ends_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: str) -> None:
    monkeypatch.setattr(tuning, "CONFIG_SECONDS", 1.0)
    config = tmp_path / "config.py"
    config.write_text(loop)
    with pytest.raises(SettingError, match="does not end within 1 s"):
        load_settings(config)


def test_a_config_may_compute_its_values_and_import_what_is_installed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.py"
    config.write_text(
        "import numpy as np\nfrom photo_ranker.settings import Settings\nprint('tuned')\n"
        "half = 20\nMIN_FACE = 2 * half\nSPREAD = np.float64(0.25)\nSMILE = tuple(x / 10 for x in (1, 9))\n"
    )
    settings = load_settings(config)
    assert (settings.match.min_face, settings.moments.spread, settings.signals.smile) == (40, 0.25, (0.1, 0.9))
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "tuned\n"), "a config has no place among the results"


def test_plain_values_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "_run", lambda _: pytest.fail("a process was started"))
    config = tmp_path / "config.py"
    config.write_text(
        "'mine'\nMIN_FACE: int = 40\nSPREAD = SPREAD_TOO = -0.0\nnote = 'x'\n".replace("SPREAD_TOO", "_s")
    )
    assert load_settings(config).match.min_face == 40
    assert load_settings(CONFIG) == Settings()


def test_a_module_beside_us_cannot_take_the_place_of_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "marshal.py").write_text("1 / 0")
    (tmp_path / "runpy.py").write_text("1 / 0")
    (tmp_path / "config.py").write_text("MIN_FACE = 20 + 20")
    assert load_settings(tmp_path / "config.py").match.min_face == 40


def test_each_further_star_needs_a_higher_score() -> None:
    assert Settings(stars=(0.1, 0.2, 0.2, 0.3)).weights.stars == (0.1, 0.2, 0.2, 0.3)
    with pytest.raises(SettingError, match="STARS"):
        Settings(stars=(0.9, 0.5, 0.7, 0.85))
