"""``people evaluate``: how well the people of an album agree with labels of the user's own."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options, add_common, path_for
from photo_ranker.cli.people_requests import PeopleRequest
from photo_ranker.core.terminal import counted
from photo_ranker.workspace import Workspace

__all__ = ["EvaluateRequest", "add_evaluate", "run_evaluate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateRequest(PeopleRequest):
    """What the people are compared with."""

    labels: Path


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``evaluate``."""
    parser.add_argument(
        "labels",
        type=path_for("LABELS"),
        metavar="LABELS",
        help="a csv file with the columns photo and person (and face, or x and y), or a folder with one a person",
    )
    add_album_options(parser)
    add_common(parser)


MEASURES = {
    "ami": "adjusted mutual information",
    "ari": "adjusted Rand index",
    "homogeneity": "homogeneity (no group holds two people)",
    "completeness": "completeness (no person is in two groups)",
    "v_measure": "V-measure",
    "fowlkes_mallows": "Fowlkes-Mallows",
}
"""Field of an agreement -> what it is called."""


def run_evaluate(request: EvaluateRequest, workspace: Workspace) -> None:
    """Print how well the people agree with labels."""
    import msgspec

    from photo_ranker.workspace.face_labels import evaluate, read_face_labels

    with workspace.people(request.album, keep=True) as people:
        found = evaluate(people, read_face_labels(request.labels, people))
    counts = {"faces": found.faces, "people": found.people, "groups": found.groups, "left_out": found.left_out}
    if request.as_json:
        values = msgspec.to_builtins(found.agreement)
        shares = {"bcubed": found.agreement.bcubed._asdict(), "pairwise": found.agreement.pairwise._asdict()}
        write_json({"schema": 1, "counts": counts, "agreement": values | shares}, indent=1)
        return
    write_line(f"{counted(found.faces, 'face')} of {found.people} people, in {counted(found.groups, 'group')}")
    for field, name in MEASURES.items():
        write_line(f"  {name:<44}{getattr(found.agreement, field):.4f}")
    for name, share in (("BCubed", found.agreement.bcubed), ("pairs", found.agreement.pairwise)):
        write_line(f"  {name:<44}{share.f:.4f}  precision {share.precision:.4f}, recall {share.recall:.4f}")
    if found.left_out:
        workspace.listener.say(
            f"note: {counted(found.left_out, 'label')} left out: no such photo, or not clear which face is meant"
        )
