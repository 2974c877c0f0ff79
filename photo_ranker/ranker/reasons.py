"""The strongest reasons for and against one photo by itself, in plain words.

Where an answer holds several photos, :func:`telling_reasons` says what tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from photo_ranker.ranker.expression import LOOKING_DOWN, Trait, Values
from photo_ranker.ranker.scorer import COLUMNS, Penalty, Term
from photo_ranker.ranker.signals import DEFECTS, SIGNALS, Words

__all__ = [
    "BAD",
    "COMPARED",
    "FEW",
    "GOOD",
    "MOST",
    "SAME_MATTER",
    "TOGETHER",
    "WEAK",
    "WORDS",
    "Compared",
    "Others",
    "explain",
    "others_of",
    "reasons_for",
    "telling_reasons",
]

MOST = 3
"""Limit of reasons on each side."""

GOOD, WEAK, BAD = 0.7, 0.5, 0.25
"""From ``GOOD`` on a signal speaks for a photo, below ``WEAK`` against it, and below ``BAD`` strongly."""

WORDS: dict[str, Words] = {signal.name: signal.words for signal in SIGNALS if signal.words}
WORDS |= {defect.name: defect.words for defect in DEFECTS}
WORDS["collage"] = Words("", "shown more than once", "shown more than once")
"""Name of a term or a defect -> its words; a collage is a defect without a signal of the face."""

TOGETHER = "a moment together"
"""Given where the person kisses, hugs or looks at another, whatever the weights."""

SAME_MATTER = {defect.name: defect.replaces for defect in DEFECTS if defect.replaces}


def reasons_for(terms: Sequence[Term], penalties: Sequence[Penalty]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two or three strongest reasons for, and against."""
    total = sum(term.weight for term in terms if term.value is not None)
    denied = _denied(terms, penalties, looks_elsewhere=False)
    good: list[tuple[float, str]] = []
    bad: list[_Against] = []
    for term in terms:
        if term.value is None or not term.is_measured or term.weight == 0:
            continue
        share = term.weight / total
        if (term.name, term.value >= GOOD) in denied:
            continue
        if term.value >= GOOD:
            good.append((share * term.value, WORDS[term.name].good))
        elif term.value < WEAK:
            bad.append(_Against(term.name, is_bad=term.value < BAD, strength=share * (1 - term.value)))
    bad += [
        _Against(item.name, is_bad=item.value < WEAK, strength=1 - item.factor)
        for item in penalties
        if item.value < GOOD
    ]
    return _strongest(good), _strongest(_each_matter_once(bad))


class _Against(NamedTuple):
    name: str
    is_bad: bool
    """Bad, or only weak: this chooses between its words."""
    strength: float


def _each_matter_once(found: Sequence[_Against]) -> list[tuple[float, str]]:
    """The strongest words about each matter, with the strength of all of them."""
    matters: dict[str, list[_Against]] = {}
    for item in found:
        matters.setdefault(SAME_MATTER.get(item.name, item.name), []).append(item)
    said = []
    for items in matters.values():
        worst = max(items, key=lambda item: (item.is_bad, item.name in SAME_MATTER, item.strength))
        words = WORDS[worst.name]
        said.append((sum(item.strength for item in items), words.bad if worst.is_bad else words.weak))
    return said


def _strongest(found: list[tuple[float, str]]) -> tuple[str, ...]:
    strength: dict[str, float] = {}
    for share, words in found:
        strength[words] = strength.get(words, 0.0) + share
    return tuple(sorted(strength, key=lambda words: (-strength[words], words))[:MOST])


def explain(terms: Sequence[Term], penalties: Sequence[Penalty], score: float) -> str:
    """The arithmetic of one score, line by line."""
    most = sum(term.most for term in terms if term.value is not None)
    lines = [f"  {'signal':<16}{'value':>7}{'weight':>8}{'gives':>8}"]
    for term in terms:
        if term.value is None:
            lines.append(f"  {term.name:<16}{'-':>7}{term.weight:>8.2f}{'-':>8}  not measured: others take its weight")
        else:
            gives = term.points / most if most else 0.0
            note = "  not measured: counts as this" if term.is_unseen else ""
            lines.append(f"  {term.name:<16}{term.value:>7.3f}{term.weight:>8.2f}{gives:>8.3f}{note}")
    lines += [f"  {item.name:<16}{item.value:>7.3f}{'':>8}{f'x {item.factor:.3f}':>8}" for item in penalties]
    return "\n".join([*lines, f"  {'score':<16}{'':>7}{'':>8}{score:>8.4f}"])


# What sets a photo apart from the person's other photos in the same answer, in plain words.
#
# A reason that is true of nearly all photos tells nothing. So each signal is compared with its median over the answer,
# weighed as in the score: those furthest from it become reasons, for the photo if better, against it if worse.


NOTICED = 0.012
"""Least change of the score that is worth a word."""

FAINT = 0.004
"""A smaller change of the score is never mentioned, not even where nothing else sets the photo apart."""

COMMON = 0.75
"""Words that are true of this share of the photos tell nothing."""

FEW = 3
"""In answers of fewer photos nothing can be the best of all; each photo is described by itself."""

TINY = 1e-6
"""Tolerance, since columns of libraries have fewer digits."""

MARGIN = 0.02
"""How far the best photo must be ahead of the second in a signal for a viewer to see it."""


class Compared(NamedTuple):
    """The words for a signal in comparison; empty = none."""

    best: str
    better: str
    worse: str


COMPARED = {
    "sharpness": Compared("sharpest of {}", "sharper than most", "softer than most"),
    "smile": Compared("broadest smile of {}", "smiles more than usual", "smiles less than usual"),
    "eyes_open": Compared("", "eyes more open than usual", "eyes narrower than usual"),
    "facing": Compared("", "turned to the camera more than usual", "turned away more than usual"),
    "exposure": Compared("best lit of {}", "better lit than most", "not as well lit as most"),
    "size": Compared("largest of {}", "larger than in most", "smaller than in most"),
    "clear": Compared("", "seen more clearly than in most", "seen less clearly than in most"),
    "expression": Compared("best expression of {}", "better expression than usual", "plainer expression than usual"),
    "good_faces": Compared("", "", "not everyone looks good"),
}
"""Signals with words for a comparison; the others are only described by themselves."""

FACE = frozenset({"smile", "expression"})
"""Signals that are about the same matter; a named expression replaces their words."""


SIGNAL_OF = {defect.name: defect.signal for defect in DEFECTS}
SMILES = frozenset({"warm smile", "laughing"})
SHUT = WORDS["eyes_open"].bad
EYES = frozenset({WORDS["eyes_open"].weak, SHUT})
"""Everybody sees these at once, so they are said first."""


class Others(NamedTuple):
    """A signal over all photos of an answer."""

    median: float
    best: float
    second: float
    good: float
    """Share of the photos in which the signal is good."""
    weak: float
    """Share of those in which it is weak or bad."""
    perfect: int
    """Photos in which it is 1."""
    known: int

    def without_best(self) -> Others:
        """For a doubtful photo: it may show somebody else, so it is never called the best or the only one."""
        return self._replace(best=inf, perfect=0)


def others_of(columns: Values) -> Mapping[str, Others]:
    """Every signal over the photos of an answer; ``columns`` has a row for each of :data:`COLUMNS`."""
    found = {}
    for name, values in zip(COLUMNS, columns, strict=True):
        known = values[~np.isnan(values)]
        if len(known) >= FEW:
            ordered = np.sort(known)
            middle = ordered[(len(known) - 1) // 2] + ordered[len(known) // 2]
            found[name] = Others(
                median=float(middle) / 2,  # np.median loads numpy.ma, which takes as long as a search
                best=float(ordered[-1]),
                second=float(ordered[-2]),
                good=float((known >= GOOD).mean()),
                weak=float((known < WEAK).mean()),
                perfect=int((known > 1 - TINY).sum()),
                known=len(known),
            )
    return found


class _Said(NamedTuple):
    gain: float
    """How much it adds to the score, compared with the median photo."""
    words: str
    matter: str


def telling_reasons(
    terms: Sequence[Term],
    penalties: Sequence[Penalty],
    others: Mapping[str, Others],
    trait: Trait | None = None,
    people: int = 1,
    looking: float | None = None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two or three things in which a photo is better than the others of its answer, and where it is worse."""
    if not others:
        return reasons_for(terms, penalties)
    total = sum(term.weight for term in terms if term.value is not None)
    is_down = trait is not None and trait.words == LOOKING_DOWN
    denied = _denied(terms, penalties, looks_elsewhere=is_down or (looking is not None and looking < BAD))
    said: list[_Said] = []
    for term in terms:
        overall = others.get(term.name)
        if term.value is not None and term.is_measured and term.weight and overall is not None:
            gain = term.weight / total * (term.value - overall.median)
            is_denied = (term.name, gain > 0) in denied
            words = "" if is_denied else _words(term.name, term.value, gain, overall, people)
            said.append(_Said(gain, words, term.name))
    if trait is not None and trait.side == "for" and trait.words not in SMILES and ("expression", True) in denied:
        trait = None
    said = _with_trait(said, trait)
    said += [_defect(item, others) for item in penalties if item.value < GOOD]
    good = _noticed([item for item in said if item.words and item.gain > 0], wanted=2)
    bad = _noticed(_once([item for item in said if item.words and item.gain < 0]), wanted=not good)
    return good, bad


def _denied(terms: Sequence[Term], penalties: Sequence[Penalty], *, looks_elsewhere: bool) -> set[tuple[str, bool]]:
    """Signals about which nothing good (True) or bad (False) is said, since other signals of the photo deny it.

    Nothing good is said about a signal with a defect, a plain expression that is only less plain than usual, the light
    on a face that no mesh fits, facing the camera while looking elsewhere, or everyone's faces if the person looks
    elsewhere or is hidden. Nothing bad is said about the expression of a broad smile, or about how clear a turned face
    is: that it is turned says why, and a viewer sees it well.
    """
    denied = {(SAME_MATTER.get(item.name, item.name), True) for item in penalties if item.value < GOOD}
    values = {term.name: term.value for term in terms if term.value is not None}
    if values.get("expression", 1.0) < WEAK:
        denied.add(("expression", True))
    if any(term.is_unseen for term in terms):  # only an expression is ever unseen
        denied.add(("exposure", True))
    if values.get("smile", 0.0) >= GOOD:
        denied.add(("expression", False))
    if values.get("facing", 1.0) < WEAK:
        denied.add(("clear", False))
    if looks_elsewhere:
        denied.add(("facing", True))
    if looks_elsewhere or ("clear", True) in denied:  # or the face is hidden
        denied.add(("good_faces", True))
    return denied


def _words(name: str, value: float, gain: float, overall: Others, people: int) -> str:
    """The words for a signal that is better or worse than in the median photo."""
    compared = COMPARED.get(name, Compared("", "", ""))
    if gain > 0:
        if name == "good_faces" and value > 1 - TINY:
            who = "both look" if people == 2 else f"all {people} look"
            return f"the only one where {who} at the camera" if overall.perfect == 1 else f"{who} at the camera"
        if compared.best and value - overall.best > -TINY and value - overall.second >= MARGIN and value >= WEAK:
            return compared.best.format(overall.known)
        return WORDS[name].good if value >= GOOD and overall.good < COMMON else compared.better
    if value < WEAK and overall.weak < COMMON:
        return WORDS[name].bad if value < BAD else WORDS[name].weak
    return compared.worse


def _with_trait(said: Sequence[_Said], trait: Trait | None) -> list[_Said]:
    """With the named expression in place of what smile and expression say, if it points the same way."""
    gain = sum(item.gain for item in said if item.matter in FACE)
    if trait is None or abs(gain) < NOTICED or trait.side != ("for" if gain > 0 else "against"):
        return list(said)
    # A broad smile narrows the eyes: that is not a second reason.
    passed_over = FACE | {"eyes_open"} if trait.words in SMILES else FACE
    rest = [item for item in said if item.matter not in passed_over or (item.matter == "eyes_open" and item.gain > 0)]
    return [*rest, _Said(gain, trait.words, "expression")]


def _defect(item: Penalty, others: Mapping[str, Others]) -> _Said:
    """What a defect takes; one that nearly all photos have gets no words."""
    matter = SAME_MATTER.get(item.name, item.name)
    overall = others.get(SIGNAL_OF.get(item.name, ""))
    if overall is not None and overall.weak >= COMMON:
        return _Said(item.factor - 1, "", matter)
    words = WORDS[item.name]
    return _Said(item.factor - 1, words.bad if item.value < WEAK else words.weak, matter)


def _once(bad: Sequence[_Said]) -> list[_Said]:
    """Only one wording about each matter; that of a defect, which comes last, wins."""
    matters: dict[str, _Said] = {}
    for item in bad:
        before = matters.get(item.matter)
        matters[item.matter] = item if before is None else _Said(item.gain + before.gain, item.words, item.matter)
    return list(matters.values())


def _noticed(said: Sequence[_Said], wanted: int) -> tuple[str, ...]:
    """The words that weigh most, and shut eyes always; faint ones only where there are fewer than ``wanted``."""
    ordered = sorted(said, key=lambda item: (item.words not in EYES, -abs(item.gain), item.words))
    plain = sum(abs(item.gain) >= NOTICED or item.words == SHUT for item in ordered)
    kept = [item for item in ordered[: max(plain, wanted)] if abs(item.gain) >= FAINT or item.words == SHUT]
    return tuple(dict.fromkeys(item.words for item in kept))[:MOST]
