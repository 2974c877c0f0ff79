from __future__ import annotations

import numpy as np
import pytest

from person_finder.strangers import Person, strangers
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.judging import judge, lead_of_another, rival_strength
from photo_ranker.person_finder.looks import Crowd, best_of_each_photo
from photo_ranker.person_finder.populations import population_of


def crowd(rows: list[Floats], owners: list[int] | None = None) -> Crowd:
    return Crowd(np.stack(rows), np.array(owners or range(len(rows))), np.ones(len(rows), np.bool_))


def test_own_photos_are_strong_rivals_and_strangers_are_not() -> None:
    anna = Person(1)
    faces = crowd([*anna.photos(5), *strangers(20)])
    strength = rival_strength(faces, faces)
    assert strength[:5].min() > 0.5
    assert strength[5:].max() < 0.45


def test_copies_and_faces_of_the_same_photo_say_nothing() -> None:
    row = Person(1).photo()
    copies = crowd([row] * 5)
    assert rival_strength(copies, copies).max() < 0
    together = crowd(Person(1).photos(5), [0] * 5)
    assert rival_strength(together, together).max() < 0


def test_too_few_others_are_no_rivals() -> None:
    faces = crowd(Person(1).photos(5))
    assert rival_strength(faces, faces.of(np.array([0, 1]))) == pytest.approx(-1.0)


def test_many_faces_are_compared_in_pieces() -> None:
    rows = np.random.default_rng(0).normal(size=(4500, 128)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    faces = Crowd(rows, np.arange(4500), np.ones(4500, np.bool_))
    others = faces.of(np.arange(50))
    whole = rival_strength(faces, others)
    assert whole[4400:] == pytest.approx(rival_strength(faces.of(np.arange(4400, 4500)), others), abs=1e-6)


def test_the_best_face_of_each_photo() -> None:
    owners = np.array([0, 0, 1, 3, 3, 3])
    similarity = np.array([0.1, 0.4, 0.2, 0.5, 0.7, 0.7], np.float32)
    assert best_of_each_photo(similarity, owners).tolist() == [1, 2, 4]
    assert best_of_each_photo(similarity[:0], owners[:0]).tolist() == []
    mixed = np.array([5, 2, 1, 0, 3, 4])
    assert mixed[best_of_each_photo(similarity[mixed], owners[mixed])].tolist() == [1, 2, 5], (
        "among equal ones the first"
    )


def like(cosine: float, aside: int) -> Floats:
    row = np.zeros(128, np.float32)
    row[0], row[aside] = cosine, (1 - cosine * cosine) ** 0.5
    return row


@pytest.mark.parametrize(
    ("cosines", "strength"),
    [
        ((0.6, 0.5, 0.4, 0.3), 0.5),
        ((0.6, 0.5, 0.1), 0.4),
        ((0.84, 0.84, 0.84), 0.7),
        ((0.86, 0.6, 0.5, 0.4), 0.5),
        ((0.69, 0.71, 0.2), (0.69 + 0.7 + 0.2) / 3),
        ((0.9, 0.5), -1.0),
    ],
)
def test_a_rival_is_the_mean_of_the_three_nearest(cosines: tuple[float, ...], strength: float) -> None:
    """Two shots of one moment (0.85) say nothing, and nobody is nearer than 0.7."""
    me = crowd([like(1.0, 1)], [0])
    others = crowd([like(cosine, 10 + place) for place, cosine in enumerate(cosines)], list(range(1, 1 + len(cosines))))
    assert rival_strength(me, others)[0] == pytest.approx(strength, abs=1e-5)


@pytest.mark.parametrize(
    ("of_person", "of_others", "lead"),
    [
        ([0.4, 0.3], [0.7, 0.2], 0.3),
        ([0.6], [0.5], -0.1),
        ([0.4], [0.49], -1.0),
        ([0.4], [0.86, 0.6], 0.2),
        ([0.9], [0.6], -0.3),
        ([], [0.6], 1.6),
        ([0.4], [], -1.0),
    ],
    ids=["nearer", "less near", "not alike", "two shots", "two shots of the person", "nobody", "no others"],
)
def test_how_much_nearer_somebody_else_is(of_person: list[float], of_others: list[float], lead: float) -> None:
    def those(cosines: list[float], first: int) -> Crowd:
        rows = [like(cosine, first + place) for place, cosine in enumerate(cosines)]
        numbers = np.arange(first, first + len(rows))
        return Crowd(np.array(rows, np.float32).reshape(-1, 128), numbers, np.ones(len(rows), np.bool_))

    me = crowd([like(1.0, 1)], [0])
    assert lead_of_another(me, those(of_person, 10), those(of_others, 20))[0] == pytest.approx(lead, abs=1e-5)


def test_nobody_of_the_same_photo_is_nearer() -> None:
    me, one, other = (crowd([like(cosine, aside)], [0]) for cosine, aside in ((1.0, 1), (0.3, 2), (0.7, 3)))
    assert lead_of_another(me, one, other)[0] == -1
    elsewhere = crowd([like(0.7, 3)], [1])
    assert lead_of_another(me, one, elsewhere)[0] == pytest.approx(1.7), "one's own photo says nothing either"


def test_others_of_the_same_photo_are_no_rivals() -> None:
    others = crowd([like(cosine, 10 + place) for place, cosine in enumerate((0.6, 0.6, 0.5, 0.4))], [0, 1, 2, 3])
    assert rival_strength(crowd([like(1.0, 1)], [0]), others)[0] == pytest.approx(0.5)


def test_faces_that_are_too_small_are_judged_as_nobody() -> None:
    faces = Crowd(np.stack(Person(1).photos(4)), np.arange(4), np.array([True, True, False, True]))
    reference = Person(1).photo()
    judged = judge(faces, [reference], population_of("sface"))
    assert judged.similarity[2] == -1.0
    assert judged.similarity[[0, 1, 3]].min() > 0
    assert judged.cosine == pytest.approx(faces.rows @ reference, abs=1e-6)


def test_the_reference_itself_is_as_similar_as_it_is() -> None:
    photos = Person(1).photos(3)
    faces = crowd([*photos, like(1.0, 1)])
    judged = judge(faces, [photos[0]], population_of("sface"), not_references=[photos[0]])
    assert judged.similarity[0] == pytest.approx(1.0, abs=1e-6)


def test_nobody_joins_whom_a_look_alike_resembles_as_much() -> None:
    """A photo between the person and a look-alike loses what it is not ahead, and twice that."""
    anna, ben = like(1.0, 1), like(0.3, 2)
    middle = anna + ben
    faces = crowd([middle / np.linalg.norm(middle), *strangers(40)])
    people = population_of("sface")
    plain, named = judge(faces, [anna], people), judge(faces, [anna], people, not_references=[ben])
    assert plain.similarity[0] > plain.threshold
    assert plain.similarity[0] - named.similarity[0] == pytest.approx(0.2, abs=0.02)


def test_an_empty_crowd_is_judged_by_what_is_known_of_people() -> None:
    people = population_of("sface")
    nobody = Crowd(np.zeros((0, 128), np.float32), np.zeros(0, np.int64), np.zeros(0, np.bool_))
    judged = judge(nobody, [like(1.0, 1)], people, certainty=0.9)
    assert len(judged.similarity) == len(judged.cosine) == 0
    assert judged.threshold > judge(nobody, [like(1.0, 1)], people, certainty=0.1).threshold


def test_of_two_in_one_photo_the_nearer_one_must_lead() -> None:
    """Each of two different people loses what the lead lacks to 0.05; alone in their photos they lose nothing."""
    reference = like(1.0, 1)
    people = population_of("sface")

    def values(first: float, second: float, owners: list[int]) -> Floats:
        rest = strangers(20)
        faces = crowd([like(first, 10), like(second, 11), *rest], [*owners, *range(2, 22)])
        return judge(faces, [reference], people).similarity[:2]

    for first, second, cost in ((0.5, 0.48, 0.03), (0.5, 0.46, 0.01), (0.5, 0.44, 0.0), (0.48, 0.5, 0.03)):
        apart, beside = values(first, second, [0, 1]), values(first, second, [0, 0])
        assert apart - beside == pytest.approx([cost, cost], abs=1e-4)
