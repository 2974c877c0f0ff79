"""``people evaluate | import | copy | export-faces | import-faces``: files of labels, names, faces and photos."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.export_parts import export_album, export_frames
from photo_ranker.cli.options import add_album_options, add_common, add_export_options, path_for
from photo_ranker.cli.people_change import change_people
from photo_ranker.cli.requests import ChangeRequest, PeopleRequest, check_stdout_is_free
from photo_ranker.core.terminal import counted
from photo_ranker.errors import UserError
from photo_ranker.workspace import ExportRequest, Workspace
from photo_ranker.workspace.exchange import NamesRequest

if TYPE_CHECKING:
    from photo_ranker.people.book import Decision
    from photo_ranker.workspace.people import AlbumPeople

__all__ = [
    "CopyRequest",
    "EvaluateRequest",
    "ExportFacesRequest",
    "ImportFacesRequest",
    "ImportRequest",
    "add_copy",
    "add_evaluate",
    "add_export_faces",
    "add_import",
    "add_import_faces",
    "run_copy",
    "run_evaluate",
    "run_export_faces",
    "run_import",
    "run_import_faces",
]


class ImportRequest(ChangeRequest, frozen=True, kw_only=True):
    """The sources of names."""

    names: NamesRequest


def add_import(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``import``."""
    add_album_options(parser, first=True)
    add = parser.add_argument
    add(
        "--references",
        type=path_for("--references"),
        metavar="DIR",
        help="a folder for each person, named like the person, with photos",
    )
    add("--xmp", action="store_true", help="names on face regions, in the photos and in sidecars beside them")
    add(
        "--labels",
        type=path_for("--labels"),
        metavar="FILE",
        help="cluster_labels.json: number -> category, or name and category",
    )
    add("--guests", type=path_for("--guests"), metavar="FILE", help="a guest list: a line a person, 'name, role'")
    add("--dry-run", action="store_true", help="only say what would be done")
    add_common(parser)


def run_import(request: ImportRequest, workspace: Workspace) -> None:
    """Import names from all given sources."""
    from photo_ranker.workspace.exchange import import_names

    def change(people: AlbumPeople) -> list[Decision]:
        return import_names(people, request.names, workspace, no_cache=request.album.no_cache)

    if not change_people(request, workspace, change):
        workspace.listener.say("there was nothing new to name")


class CopyRequest(PeopleRequest, frozen=True, kw_only=True):
    """The people whose photos to export, and where to."""

    people: tuple[str, ...]
    """Names, numbers or ids; ``all`` is everyone with a name."""
    export: ExportRequest

    def __post_init__(self) -> None:
        """Refuse an export without a target, and two outputs on stdout."""
        if not self.export.makes_album and self.export.frames is None:
            raise UserError("nothing to make", "say where to: --to DIR, --zip FILE or --frames DIR")
        self.export.check_has_place()
        check_stdout_is_free(self.export, {"--json": self.as_json})


def add_copy(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``copy``."""
    add_album_options(parser)
    parser.add_argument(
        "--person",
        dest="people",
        action="append",
        required=True,
        metavar="PERSON",
        help="by name or number; several get a folder each; all = everyone who has a name",
    )
    add_export_options(parser)
    add_common(parser)


def run_copy(request: CopyRequest, workspace: Workspace) -> None:
    """Copy, link, move or pack the photos of each person, best first."""
    from photo_ranker.questions.answer import Question
    from photo_ranker.workspace.exports import wanted_results

    export, settings = request.export, workspace.settings
    with workspace.named_album(request.album, keep=not export.dry_run, count=True) as named:
        found = named.rank(request.people, Question(references=(), top=0))
    export_frames((item for _, ranked in found for item in ranked), workspace, export)
    if export.makes_album:
        several = len(found) > 1
        wanted = [
            item
            for name, ranked in found
            for item in wanted_results(ranked, named.album, settings, export, name if several else None)
        ]
        export_album(wanted, export, workspace.listener, as_json=request.as_json, is_all=True)


class ExportFacesRequest(ChangeRequest, frozen=True, kw_only=True):
    """The folder for the crops of all faces."""

    to: Path

    def __post_init__(self) -> None:
        """Refuse a folder that is not empty."""
        if self.to.is_dir() and any(self.to.iterdir()):
            raise UserError(f"{self.to} is not empty", "give a new folder")


def add_export_faces(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``export-faces``."""
    add_album_options(parser)
    parser.add_argument("--to", type=path_for("--to"), required=True, metavar="DIR", help="a new or empty folder")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be written")
    add_common(parser)


def run_export_faces(request: ExportFacesRequest, workspace: Workspace) -> None:
    """Write a crop of every face, with one folder per person."""
    from photo_ranker.workspace.face_labels import face_folders, write_face_folders

    with workspace.people(request.album, keep=not request.dry_run) as people:
        folders = face_folders(people)
    if not request.dry_run:
        folders = write_face_folders(request.to, folders, people, workspace.listener.say)
    faces = sum(len(item.faces) for item in folders.values())
    if request.as_json:
        names = {name: item.faces for name, item in folders.items()}
        write_json({"schema": 1, "dry_run": request.dry_run, "folders": names}, indent=1)
    else:
        would = "would write " if request.dry_run else ""
        write_line(f"{would}{counted(faces, 'face')} in {counted(len(folders), 'folder')} in {request.to}")


class ImportFacesRequest(ChangeRequest, frozen=True, kw_only=True):
    """The folder of crops that the user has sorted."""

    source: Path
    """The folder that ``export-faces`` wrote."""


def add_import_faces(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``import-faces``."""
    add_album_options(parser)
    parser.add_argument(
        "--from", dest="source", type=path_for("--from"), required=True, metavar="DIR", help="what export-faces wrote"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    add_common(parser)


def run_import_faces(request: ImportFacesRequest, workspace: Workspace) -> None:
    """Turn the sorted folders into corrections."""
    from photo_ranker.workspace.face_labels import import_faces, read_sorted_faces

    faces = read_sorted_faces(request.source)
    if not change_people(request, workspace, lambda people: import_faces(people, faces)):
        workspace.listener.say("nothing was rearranged")


# ``people evaluate``: how well the people of an album agree with the user's own labels.


class EvaluateRequest(PeopleRequest, frozen=True, kw_only=True):
    """What the people are compared with."""

    labels: Path


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``evaluate``."""
    parser.add_argument(
        "labels",
        type=path_for("LABELS"),
        metavar="LABELS",
        help="a csv file with the columns photo and person (and face, or x and y), "
        "or a folder with one subfolder per person",
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
"""Field of an agreement -> its name in the output."""


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
    who = counted(found.people, "person", "people")
    write_line(f"{counted(found.faces, 'face')} of {who}, in {counted(found.groups, 'group')}")
    for field, name in MEASURES.items():
        write_line(f"  {name:<44}{getattr(found.agreement, field):.4f}")
    for name, share in (("BCubed", found.agreement.bcubed), ("pairs", found.agreement.pairwise)):
        write_line(f"  {name:<44}{share.f:.4f}  precision {share.precision:.4f}, recall {share.recall:.4f}")
    if found.left_out:
        workspace.listener.say(
            f"note: {counted(found.left_out, 'label')} left out: no such photo, or not clear which face is meant"
        )
