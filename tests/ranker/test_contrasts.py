from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from photo_ranker.ranker.reasons import COMPARED, Others, others_of, telling_reasons
from photo_ranker.ranker.scorer import COLUMNS, WEIGHED, Penalty, Term
from photo_ranker.ranker.traits import TRAITS, Trait


def of(**values: list[float]) -> Mapping[str, Others]:
    """An answer whose photos have these values of signals; the rest is not known."""
    count = len(next(iter(values.values())))
    return others_of(np.array([values.get(name, [np.nan] * count) for name in COLUMNS]))


def trait(words: str) -> Trait:
    return next(item for item in TRAITS if item.words == words)


def terms(**values: float) -> list[Term]:
    return [Term(name, value, 1.0) for name, value in values.items()]


def test_what_is_true_of_all_photos_is_no_reason() -> None:
    others = of(eyes_open=[0.95] * 6, sharpness=[0.9, 0.9, 0.5, 0.5, 0.3, 0.2])
    assert telling_reasons(terms(eyes_open=0.95, sharpness=0.9), [], others)[0] == ("sharp",)
    dim = of(exposure=[0.2] * 5 + [0.3])
    assert telling_reasons(terms(exposure=0.2), [], dim) == ((), ())


def test_the_best_of_all_is_said_where_it_can_be_seen() -> None:
    values = [0.9, 0.7, 0.6, 0.5, 0.4, 0.3]
    assert telling_reasons(terms(sharpness=0.9), [], of(sharpness=values))[0] == ("sharpest of 6",)
    values[1] = 0.895
    assert telling_reasons(terms(sharpness=0.9), [], of(sharpness=values))[0] == ("sharp",)


def test_the_best_of_bad_photos_is_not_praised() -> None:
    others = of(sharpness=[0.3, 0.1, 0.1, 0.1])
    assert telling_reasons(terms(sharpness=0.3), [], others)[0] == ("sharper than most",)


def test_the_only_one_where_both_look() -> None:
    both = of(good_faces=[1.0, 0.5, 0.5, 0.0])
    assert telling_reasons(terms(good_faces=1.0), [], both, people=2)[0] == (
        "the only one where both look at the camera",
    )
    some = of(good_faces=[1.0, 1.0, 0.5, 0.5, 0.0])
    assert telling_reasons(terms(good_faces=1.0), [], some, people=4)[0] == ("all 4 look at the camera",)


def test_what_is_worse_speaks_against() -> None:
    others = of(sharpness=[0.9, 0.9, 0.9, 0.6, 0.1], size=[0.9, 0.9, 0.9, 0.9, 0.9])
    assert telling_reasons(terms(sharpness=0.1, size=0.9), [], others) == ((), ("blurred",))
    assert telling_reasons(terms(sharpness=0.6, size=0.9), [], others) == ((), ("softer than most",))


def test_a_named_expression_stands_for_smile_and_expression() -> None:
    others = of(smile=[0.9, 0.5, 0.5, 0.1], expression=[0.9, 0.5, 0.5, 0.1])
    glad, sad = terms(smile=0.9, expression=0.85), terms(smile=0.1, expression=0.1)
    assert telling_reasons(glad, [], others, trait("warm smile")) == (("warm smile",), ())
    assert telling_reasons(sad, [], others, trait("caught mid-word")) == ((), ("caught mid-word",))
    assert telling_reasons(sad, [], others, trait("warm smile")) == ((), ("not smiling", "unflattering expression"))


def test_a_defect_is_said_unless_nearly_all_have_it() -> None:
    hidden = [Penalty("hidden", 0.2, 0.3)]
    assert telling_reasons([], hidden, of(visible=[0.2, 1.0, 1.0, 1.0]))[1] == ("face hidden",)
    assert telling_reasons([], hidden, of(visible=[0.2, 0.2, 0.2, 0.2])) == ((), ())
    blurred = [Penalty("heavy_blur", 0.2, 0.5)]
    soft = of(sharpness=[0.1, 0.9, 0.9, 0.9])
    assert telling_reasons(terms(sharpness=0.1), blurred, soft)[1] == ("blurred",), "one word for one matter"


def test_few_photos_are_described_by_themselves() -> None:
    assert telling_reasons(terms(sharpness=0.9), [], of(sharpness=[0.9, 0.2]))[0] == ("sharp",)


def test_at_most_three_the_strongest_first() -> None:
    names = ("sharpness", "size", "exposure", "smile", "facing")
    others = of(**{name: [0.9, 0.1, 0.1, 0.1] for name in names})
    found = telling_reasons([Term(name, 0.9, place + 1.0) for place, name in enumerate(names)], [], others)[0]
    assert found == ("facing the camera", "broadest smile of 4", "best lit of 4")


def test_only_signals_that_count_are_compared() -> None:
    assert COMPARED.keys() <= {signal.name for signal in WEIGHED}
