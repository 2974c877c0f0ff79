from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from photo_ranker.ranker.expression import TRAITS, Trait
from photo_ranker.ranker.reasons import COMPARED, Others, others_of, reasons_for, telling_reasons
from photo_ranker.ranker.scorer import COLUMNS, WEIGHED, Penalty, Term


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


def test_a_face_that_is_turned_is_not_said_to_be_unclear_too() -> None:
    others = of(facing=[1.0] * 4 + [0.3], clear=[0.9] * 4 + [0.2])
    assert telling_reasons(terms(facing=0.3, clear=0.2), [], others) == ((), ("turned a little",))
    assert telling_reasons(terms(facing=1.0, clear=0.2), [], others) == ((), ("no clear view of the face",))
    assert reasons_for(terms(facing=0.3, clear=0.2), []) == ((), ("turned a little",))


def test_a_named_expression_stands_for_smile_and_expression() -> None:
    others = of(smile=[0.9, 0.5, 0.5, 0.1], expression=[0.9, 0.5, 0.5, 0.1])
    glad, sad = terms(smile=0.9, expression=0.85), terms(smile=0.1, expression=0.1)
    assert telling_reasons(glad, [], others, trait("warm smile")) == (("warm smile",), ())
    assert telling_reasons(sad, [], others, trait("caught mid-word")) == ((), ("caught mid-word",))
    assert telling_reasons(sad, [], others, trait("warm smile")) == ((), ("not smiling", "unflattering expression"))


def test_shut_eyes_are_said_however_little_they_weigh() -> None:
    others = of(eyes_open=[0.9, 0.9, 0.3, 0.9], sharpness=[0.9] * 4)
    heavy = Term("sharpness", 0.9, 1000.0)
    assert telling_reasons([heavy, Term("eyes_open", 0.24, 1.0)], [], others)[1] == ("eyes closed",)
    assert telling_reasons([heavy, Term("eyes_open", 0.26, 1.0)], [], others)[1] == ()


@pytest.mark.parametrize(("value", "calm", "better"), [(0.5, "calm", "better expression than usual"), (0.49, "", "")])
def test_a_plain_expression_is_not_praised_for_being_less_plain_than_usual(
    value: float, calm: str, better: str
) -> None:
    others = of(smile=[0.1] * 4, expression=[0.1, 0.1, 0.1, 0.9])
    plain = terms(smile=0.1, expression=value)
    assert "".join(telling_reasons(plain, [], others)[0]) == better
    assert "".join(telling_reasons(plain, [], others, trait("calm"))[0]) == calm
    assert telling_reasons(plain, [], others, trait("warm smile"))[0] == ("warm smile",), "all see a smile"


def test_light_is_not_praised_on_a_face_whose_skin_is_not_seen() -> None:
    others = of(exposure=[0.2, 0.2, 0.2, 0.9], expression=[0.5] * 4)
    light = terms(exposure=0.9)
    assert telling_reasons([*light, Term("expression", 0.45, 1.0)], [], others)[0] == ("best lit of 4",)
    assert telling_reasons([*light, Term("expression", 0.15, 1.0, is_unseen=True)], [], others)[0] == ()


def test_who_looks_elsewhere_is_not_said_to_be_turned_to_us() -> None:
    others = of(facing=[0.2, 0.2, 0.2, 0.9], good_faces=[0.1, 0.1, 0.1, 1.0])
    turned = terms(facing=0.9, good_faces=0.9)
    praise = {"turned to the camera", "everyone looks good"}
    for looking, said in ((None, praise), (0.25, praise), (0.24, set())):
        assert set(telling_reasons(turned, [], others, looking=looking)[0]) == said
    assert telling_reasons(turned, [], others, trait("looking down"), looking=None)[0] == ()
    assert telling_reasons(turned, [Penalty("hidden", 0.6, 0.1)], others)[0] == ("turned to the camera",)


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
    assert found == ("turned to the camera", "broadest smile of 4", "best lit of 4")


def test_only_signals_that_count_are_compared() -> None:
    assert COMPARED.keys() <= {signal.name for signal in WEIGHED}


def moved(by: float, beside: float = 0.0, **more: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is said where sharpness moves a score by so much, and the size by as much as ``beside``."""
    names = {"sharpness": by, "size": beside, **more}
    others = of(**{name: [0.55, 0.6, 0.6, 0.6, 0.65] for name in names})
    return telling_reasons([Term(name, 0.6 + gain * len(names), 1.0) for name, gain in names.items()], [], others)


def test_what_moves_a_score_too_little_is_not_said() -> None:
    assert moved(0.0041)[0] == ("sharper than most",)
    assert moved(0.0039)[0] == ()
    assert moved(-0.0041)[1] == ("softer than most",)
    assert moved(-0.0039)[1] == ()


def test_what_is_faint_is_said_only_where_nothing_else_is() -> None:
    assert moved(-0.0121, 0.013) == (("larger than in most",), ("softer than most",))
    assert moved(-0.0119, 0.013) == (("larger than in most",), ())
    assert moved(0.0119, 0.013)[0] == ("larger than in most", "sharper than most"), "two of them are wanted"
    three = {"exposure": 0.0125}
    assert moved(0.0119, 0.013, **three)[0] == ("larger than in most", "better lit than most")
    assert moved(0.0121, 0.013, **three)[0] == ("larger than in most", "better lit than most", "sharper than most")


def test_a_gain_is_a_share_of_all_that_is_known() -> None:
    others = of(sharpness=[0.5] * 4 + [0.65], size=[0.5] * 5)
    heavy = [Term("sharpness", 0.6, 1.0), Term("size", 0.5, 29.0), Term("smile", None, 50.0)]
    assert telling_reasons(heavy, [], others)[0] == (), "0.0033 of the score"
    light = [Term("sharpness", 0.6, 1.0), Term("size", 0.5, 19.0), Term("smile", None, 50.0)]
    assert telling_reasons(light, [], others)[0] == ("sharper than most",)


@pytest.mark.parametrize(("good", "words"), [(2, "sharp"), (3, "sharper than most")])
def test_what_three_of_four_are_is_said_by_comparison(good: int, words: str) -> None:
    values = [0.95, 0.95] + [0.72] * (good - 2) + [0.6] * (4 - good)
    assert telling_reasons(terms(sharpness=0.95), [], of(sharpness=values))[0] == (words,)


@pytest.mark.parametrize(("weak", "words"), [(2, "blurred"), (3, "softer than most")])
def test_what_three_of_four_lack_is_said_by_comparison(weak: int, words: str) -> None:
    values = [0.1, 0.1] + [0.49] * (weak - 2) + [0.5] * (4 - weak)
    assert telling_reasons(terms(sharpness=0.1), [], of(sharpness=values))[1] == (words,)


@pytest.mark.parametrize(("value", "words"), [(0.24, "blurred"), (0.25, "slightly soft"), (0.49, "slightly soft")])
def test_weak_and_bad_have_words_of_their_own(value: float, words: str) -> None:
    others = of(sharpness=[0.6, 0.6, 0.6, value])
    assert telling_reasons(terms(sharpness=value), [], others)[1] == (words,)
    assert telling_reasons(terms(sharpness=0.5), [], others)[1] == ("softer than most",)


@pytest.mark.parametrize(
    ("best", "second", "words"),
    [
        (0.9, 0.88, "sharpest of 4"),
        (0.9, 0.881, "sharp"),
        (0.5, 0.4, "sharpest of 4"),
        (0.49, 0.4, "sharper than most"),
    ],
)
def test_the_best_is_ahead_by_what_a_viewer_sees(best: float, second: float, words: str) -> None:
    others = of(sharpness=[best, second, 0.1, 0.1])
    assert telling_reasons(terms(sharpness=best), [], others)[0] == (words,)


def test_the_second_best_is_not_the_best() -> None:
    others = of(sharpness=[0.9, 0.65, 0.1, 0.1])
    assert telling_reasons(terms(sharpness=0.65), [], others)[0] == ("sharper than most",)


def test_a_signal_that_two_photos_have_cannot_be_compared() -> None:
    assert of(sharpness=[0.9, 0.2, np.nan]) == {}
    assert of(sharpness=[0.9, 0.2, 0.1])["sharpness"] == Others(0.2, 0.9, 0.2, 1 / 3, 2 / 3, 0, 3)
    assert of(good_faces=[1.0, 1.0, 0.7, 0.5])["good_faces"] == Others(0.85, 1.0, 1.0, 0.75, 0.0, 2, 4)


def test_all_look_only_where_everyone_does() -> None:
    others = of(good_faces=[0.9, 0.5, 0.5, 0.0])
    assert telling_reasons(terms(good_faces=0.9), [], others, people=10)[0] == ("everyone looks good",)
    assert telling_reasons(terms(good_faces=0.0), [], others, people=2)[1] == ("most look away or blink",)
    three = of(good_faces=[1.0, 0.5, 0.5, 0.0])
    assert telling_reasons(terms(good_faces=1.0), [], three, people=3)[0] == (
        "the only one where all 3 look at the camera",
    )


def test_a_name_of_an_expression_needs_a_gain_on_its_side() -> None:
    others = of(smile=[0.9, 0.5, 0.5, 0.1], eyes_open=[0.9, 0.8, 0.8, 0.1])

    def said(smile: float, name: str, eyes: float = 0.8) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return telling_reasons(terms(smile=smile, eyes_open=eyes), [], others, trait(name))

    assert said(0.525, "warm smile")[0] == ("warm smile",)
    assert said(0.523, "warm smile")[0] == ("smiles more than usual",), "0.0115 of the score"
    assert said(0.475, "calm")[1] == ("not smiling",)
    assert said(0.475, "caught mid-word")[1] == ("caught mid-word",)
    assert said(0.525, "caught mid-word")[0] == ("smiles more than usual",)
    assert said(0.9, "laughing", eyes=0.6) == (("laughing",), ()), "a laugh narrows the eyes"
    assert said(0.9, "calm", eyes=0.6) == (("calm",), ("eyes narrower than usual",))
    assert said(0.9, "laughing", eyes=0.9)[0] == ("laughing", "eyes more open than usual")


@pytest.mark.parametrize(("hidden", "words"), [(2, ("face hidden",)), (3, ())])
def test_a_defect_of_three_of_four_tells_nothing(hidden: int, words: tuple[str, ...]) -> None:
    others = of(visible=[0.2] * hidden + [1.0] * (4 - hidden))
    assert telling_reasons([], [Penalty("hidden", 0.2, 0.3)], others)[1] == words


@pytest.mark.parametrize(
    ("value", "words"), [(0.7, ()), (0.69, ("partly hidden",)), (0.5, ("partly hidden",)), (0.49, ("face hidden",))]
)
def test_a_defect_is_weak_or_bad_among_others_too(value: float, words: tuple[str, ...]) -> None:
    others = of(visible=[0.9] * 5)
    assert telling_reasons([], [Penalty("hidden", value, 0.3)], others)[1] == words


def test_a_defect_and_its_signal_weigh_together() -> None:
    """Sharpness lowers the score by 0.1 and the blur by 0.1 more; the turned head by 0.15."""
    others = of(sharpness=[0.3, 0.9, 0.9, 0.9], facing=[0.2, 0.8, 0.8, 0.8])
    known = [Term("sharpness", 0.3, 1.0), Term("facing", 0.2, 1.5), Term("size", 0.5, 3.5)]
    assert telling_reasons(known, [], others)[1] == ("turned away", "slightly soft")
    assert telling_reasons(known, [Penalty("heavy_blur", 0.0, 0.1)], others)[1] == ("blurred", "turned away")


def test_equal_reasons_are_sorted_and_one_word_is_said_once() -> None:
    assert moved(0.02, 0.02)[0] == ("larger than in most", "sharper than most")
    others = of(smile=[0.1, 0.9, 0.9, 0.9])
    twice = [Term("smile", 0.1, 1.0), Term("smile", 0.1, 1.0)]
    assert telling_reasons(twice, [], others)[1] == ("not smiling",)


def test_closed_eyes_are_said_first() -> None:
    others = of(eyes_open=[0.9] * 5, sharpness=[0.9] * 5, size=[0.9] * 5, exposure=[0.9] * 5)
    found = telling_reasons(terms(eyes_open=0.4, sharpness=0.1, size=0.1, exposure=0.1), [], others)[1]
    assert found[0] == "eyes half closed"
    assert len(found) == 3


def test_a_broad_smile_has_no_plain_expression() -> None:
    others = of(smile=[0.9] * 5, expression=[0.9] * 5)
    assert telling_reasons(terms(smile=0.71, expression=0.2), [], others)[1] == ("smiles less than usual",)
    assert "unflattering expression" in telling_reasons(terms(smile=0.69, expression=0.2), [], others)[1]
    against = telling_reasons(terms(smile=0.9, expression=0.2), [], others, trait("grimacing"))[1]
    assert against == ("grimacing",), "what it is named may still be said"


def test_what_has_a_defect_is_not_praised() -> None:
    others = of(clear=[0.3] * 5, visible=[1.0] * 5)
    assert telling_reasons(terms(clear=0.9), [], others)[0] == ("a clear view of the face",)
    assert telling_reasons(terms(clear=0.9), [Penalty("hidden", 0.2, 0.1)], others) == ((), ("face hidden",))


def test_a_doubtful_photo_is_never_the_best_of_all() -> None:
    others = of(sharpness=[0.8, 0.6, 0.6, 0.6], good_faces=[1.0, 0.5, 0.5, 0.5])
    best = {name: it.without_best() for name, it in others.items()}
    assert telling_reasons(terms(sharpness=0.95), [], others)[0] == ("sharpest of 4",)
    assert telling_reasons(terms(sharpness=0.95), [], best)[0] == ("sharp",)
    assert telling_reasons(terms(good_faces=1.0), [], best, people=3)[0] == ("all 3 look at the camera",)
