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
