from __future__ import annotations

import pytest

from photo_ranker.ranker.reasons import MOST, WORDS, explain, reasons_for
from photo_ranker.ranker.scorer import WEIGHED, Penalty, Term
from photo_ranker.ranker.signals import DEFECTS


def test_the_strongest_reasons_come_first() -> None:
    terms = [Term("smile", 0.9, 1.0), Term("sharpness", 0.9, 5.0), Term("eyes_open", 0.1, 2.0)]
    assert reasons_for(terms, []) == (("sharp", "smiling"), ("eyes closed",))


def test_at_most_three_on_each_side() -> None:
    names = ("smile", "sharpness", "eyes_open", "facing", "exposure")
    good, _ = reasons_for([Term(name, 1.0, 1.0) for name in names], [])
    _, bad = reasons_for([Term(name, 0.0, 1.0) for name in names], [])
    assert len(good) == len(bad) == MOST


def test_what_is_unknown_or_does_not_count_is_no_reason() -> None:
    assert reasons_for([Term("smile", None, 1.0), Term("sharpness", 1.0, 0.0)], []) == ((), ())


def test_a_defect_is_named_by_its_size() -> None:
    assert reasons_for([], [Penalty("cut", 0.6, 0.5)])[1] == ("slightly cut off",)
    assert reasons_for([], [Penalty("cut", 0.1, 0.5)])[1] == ("cut off by the frame",)


@pytest.mark.parametrize(
    ("term", "defect", "words"),
    [
        ("sharpness", "heavy_blur", "blurred"),
        ("exposure", "bad_light", "badly lit"),
        ("clear", "hidden", "face hidden"),
    ],
)
def test_of_two_words_for_one_matter_the_stronger_is_said(term: str, defect: str, words: str) -> None:
    assert reasons_for([Term(term, 0.3, 1.0)], [Penalty(defect, 0.2, 0.5)])[1] == (words,)


def test_every_term_and_defect_has_words_and_nothing_else_has() -> None:
    assert WORDS.keys() == {*(signal.name for signal in WEIGHED), *(defect.name for defect in DEFECTS), "collage"}
    assert all(words.weak and words.bad for words in WORDS.values())
    assert all(WORDS[signal.name].good for signal in WEIGHED)


def test_the_explanation_adds_up() -> None:
    terms = (Term("sharpness", 0.8, 3.0), Term("smile", None, 1.0), Term("facing", 0.4, 1.0))
    penalties = (Penalty("cut", 0.5, 0.5),)
    score = round((0.8 * 3 + 0.4) / 4 * 0.75, 4)
    text = explain(terms, penalties, score)
    gives = [float(line.split()[3]) for line in text.splitlines() if line.split()[0] in {"sharpness", "facing"}]
    assert round(sum(gives) * 0.75, 3) == round(score, 3)
    assert "not measured" in text
    assert text.splitlines()[-1].split() == ["score", f"{score:.4f}"]


@pytest.mark.parametrize(
    ("value", "good", "bad"),
    [
        (0.7, ("smiling",), ()),
        (0.69, (), ()),
        (0.5, (), ()),
        (0.49, (), ("turned a little",)),
        (0.25, (), ("turned a little",)),
        (0.24, (), ("turned away",)),
    ],
)
def test_a_signal_speaks_from_its_limits_on(value: float, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    name = "smile" if good else "facing"
    assert reasons_for([Term(name, value, 1.0)], []) == (good, bad)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.7, ()), (0.69, ("slightly cut off",)), (0.5, ("slightly cut off",)), (0.49, ("cut off by the frame",))],
)
def test_a_defect_speaks_from_its_limits_on(value: float, words: tuple[str, ...]) -> None:
    assert reasons_for([], [Penalty("cut", value, 0.3)])[1] == words


def test_reasons_weigh_by_their_share_and_by_how_good_or_bad_it_is() -> None:
    good, _ = reasons_for([Term("smile", 1.0, 1.0), Term("sharpness", 0.7, 1.3)], [])
    assert good == ("smiling", "sharp"), "1.0 against 0.91"
    good, _ = reasons_for([Term("smile", 1.0, 1.0), Term("sharpness", 0.7, 1.5)], [])
    assert good == ("sharp", "smiling"), "1.0 against 1.05"
    _, bad = reasons_for([Term("facing", 0.0, 1.0), Term("eyes_open", 0.4, 1.6)], [])
    assert bad == ("turned away", "eyes half closed"), "1.0 against 0.96"
    _, bad = reasons_for([Term("facing", 0.0, 1.0), Term("eyes_open", 0.4, 1.7)], [])
    assert bad == ("eyes half closed", "turned away"), "1.0 against 1.02"


def test_a_defect_weighs_what_it_takes_from_the_score() -> None:
    """Half of the score is lost by a bad signal of half the weight, and 0.48 by a defect of strength 0.6 at 0.2."""
    terms = [Term("facing", 0.0, 1.0), Term("size", 0.6, 1.0), Term("smile", None, 5.0)]
    assert reasons_for(terms, [Penalty("cut", 0.2, 0.6)])[1] == ("turned away", "cut off by the frame")
    assert reasons_for(terms, [Penalty("cut", 0.2, 0.65)])[1] == ("cut off by the frame", "turned away")


def test_equal_reasons_stand_in_the_order_of_the_alphabet() -> None:
    terms = [Term("smile", 0.9, 1.0), Term("facing", 0.9, 1.0), Term("sharpness", 0.9, 1.0)]
    assert reasons_for(terms, [])[0] == ("sharp", "smiling", "turned to the camera")


def test_one_matter_weighs_as_much_as_all_that_is_said_of_it() -> None:
    terms = [Term("sharpness", 0.0, 1.0), Term("facing", 0.0, 1.2), Term("size", 0.6, 1.0)]
    assert reasons_for(terms, [])[1] == ("turned away", "blurred")
    assert reasons_for(terms, [Penalty("heavy_blur", 0.0, 0.1)])[1] == ("blurred", "turned away")


def test_of_one_matter_what_is_bad_is_said_before_what_is_weak() -> None:
    assert reasons_for([Term("clear", 0.1, 1.0)], [Penalty("hidden", 0.6, 0.3)])[1] == ("no clear view of the face",)
    assert reasons_for([Term("clear", 0.1, 1.0)], [Penalty("hidden", 0.1, 0.01)])[1] == ("face hidden",)
    assert reasons_for([Term("clear", 0.4, 9.0)], [Penalty("hidden", 0.6, 0.01)])[1] == ("partly hidden",)


def test_the_explanation_shares_the_points_among_what_is_known() -> None:
    terms = (Term("sharpness", 0.5, 2.0, free=1.0, missed=1.0), Term("smile", None, 4.0), Term("facing", 1.0, 4.0))
    lines = [line.split() for line in explain(terms, (), 0.75).splitlines()]
    assert lines[1] == ["sharpness", "0.500", "2.00", "0.250"]
    assert lines[2][:4] == ["smile", "-", "4.00", "-"]
    assert lines[3] == ["facing", "1.000", "4.00", "0.500"]
    assert explain((Term("facing", 1.0, 0.0),), (), 0.0).splitlines()[1].split()[3] == "0.000"


def test_an_expression_that_cannot_be_seen_has_no_words() -> None:
    terms = [Term("expression", 0.15, 9.0, is_unseen=True), Term("sharpness", 0.9, 1.0)]
    assert reasons_for(terms, []) == (("sharp",), ())
    assert "0.150    9.00   0.135  not measured: counts as this" in explain(terms, [], 0.225)


def test_what_other_words_deny_is_not_said() -> None:
    """Praise of what has a defect, and a plain expression in a broad smile."""
    clear, plain = Term("clear", 0.9, 1.0), Term("expression", 0.2, 1.0)
    for least in (clear, Term("clear", 0.7, 1.0)):
        assert reasons_for([least], [Penalty("hidden", 0.7, 0.1)]) == (("a clear view of the face",), ())
        assert reasons_for([least], [Penalty("hidden", 0.69, 0.1)])[0] == ()
    assert reasons_for([clear], [Penalty("hidden", 0.2, 0.1)]) == ((), ("face hidden",))
    assert reasons_for([plain, Term("smile", 0.69, 1.0)], [])[1] == ("unflattering expression",)
    assert reasons_for([plain, Term("smile", 0.7, 1.0)], []) == (("smiling",), ())
