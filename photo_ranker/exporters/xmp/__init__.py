"""Writes ratings, names and face regions as XMP for other programs; what a user wrote is never lost.

Sidecar files are found under both usual names, always replaced as a whole, and never followed through a link.
"""

from __future__ import annotations

import errno
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

import msgspec

from photo_ranker.core import files
from photo_ranker.core.names import is_edit
from photo_ranker.errors import FileRefused, PhotoUnreadable, UserError
from photo_ranker.exporters.xmp.document import NAMESPACES, Facts, NamedFace, NotXmp, content, facts_of, parse, stars
from photo_ranker.exporters.xmp.merging import cleaned, is_marked, loses, merged, seeded
from photo_ranker.exporters.xmp.sheet import Sheet

__all__ = [
    "EMBEDDABLE",
    "OURS",
    "Change",
    "Facts",
    "NamedFace",
    "Naming",
    "NotXmp",
    "apply",
    "cleaned",
    "embed",
    "facts_of",
    "find_exiftool",
    "merged",
    "plan_removal",
    "plan_sidecar",
    "stars",
]


Naming = Literal["full", "stem"]
"""``photo.jpg.xmp``, which digiKam, darktable and immich look for, or ``photo.xmp`` as Lightroom and Capture One do."""


OURS = NAMESPACES["photoRanker"].encode()
"""Bytes that every sidecar we have written to contains."""


class Change(msgspec.Struct, frozen=True):
    """A planned change of one sidecar, or of the XMP block in a photo."""

    path: Path
    """The sidecar, or the photo."""
    before: bytes | None = None
    """Content when it was planned; None = no file."""
    after: bytes | None = None
    """None = no file: it is not written, or removed."""
    problem: str | None = None
    """Why it is left alone."""

    @property
    def is_needed(self) -> bool:
        """Whether anything has to be written."""
        return self.problem is None and self.before != self.after

    @property
    def is_loss(self) -> bool:
        """Whether it drops a rating, label or keyword that an earlier run wrote and this one was not given."""
        return loses(self.before, self.after)


def plan_sidecar(
    photo: Path, companions: Iterable[str], facts: Facts, naming: Naming = "full", embedded: bytes = b""
) -> Change:
    """The change that puts our facts into the photo's sidecar; ``embedded`` is the photo's own XMP block."""
    path = photo.with_name(f"{photo.name}.xmp")
    try:
        there = [sidecar for sidecar in _sidecars(photo, companions) if not is_edit(sidecar.name, photo.name)]
        path = _place(photo, there, naming)
        others = [files.read(other) for other in there if other != path]
        before = _text(path)
        packet = _readable(embedded)
        begun = before if before is not None or packet is None else seeded(packet)
        after = merged(begun, facts, [*others, *([packet] if packet else [])])
    except NotXmp as error:
        return Change(path, problem=str(error))
    except FileRefused as error:
        return Change(path, problem=_refused(error))
    except OSError as error:
        return Change(path, problem=_why(error))
    return Change(path, before, after if before is not None or is_marked(after) else None)


def plan_removal(photo: Path, companions: Iterable[str], embedded: bytes = b"") -> list[Change]:
    """The changes that remove what we wrote; a sidecar with nothing else in it is removed."""
    try:
        there = _sidecars(photo, companions)
    except OSError as error:
        return [Change(photo.with_name(f"{photo.name}.xmp"), problem=_why(error))]
    return [change for path in there if (change := _removal(path, embedded)) is not None]


def _removal(path: Path, embedded: bytes) -> Change | None:
    try:
        before = files.read(path)
    except FileRefused as error:
        return Change(path, problem=_refused(error))
    except OSError:  # not ours, since ours can be read
        return None
    try:
        if not is_marked(before):
            return None
        after, packet = cleaned(before), _readable(embedded)
        seed = None if packet is None else seeded(packet)
        if seed and after and content(parse(after)) == content(parse(seed)):
            after = None  # it only repeats the photo's own values
    except NotXmp as error:
        # Somebody else's damaged file is ignored; one that contains our facts is reported.
        return Change(path, before, before, str(error)) if OURS in before else None
    return Change(path, before, after)


def apply(change: Change) -> None:
    """Write or remove one sidecar, unless another program has changed it since it was planned.

    It survives a power cut once its folder is synced, which the caller does once for many sidecars.
    """
    try:
        if _text(change.path) != change.before:
            raise UserError(f"{change.path} has just been changed by another program", "run again")
        if change.after is None:
            change.path.unlink()
        elif change.before is None:
            files.write_new(change.path, [change.after], sync="file")
        else:
            files.replace(change.path, [change.after], mode=None, sync="file")
    except OSError as error:
        raise UserError(
            f"{change.path} cannot be written: {error.strerror or error}", "check the permissions of its folder"
        ) from error


def _text(path: Path) -> bytes | None:
    try:
        return files.read(path)
    except FileNotFoundError:
        return None


def _place(photo: Path, there: list[Path], naming: Naming) -> Path:
    full = photo.with_name(f"{photo.name}.xmp")
    wanted = full if naming == "full" else photo.with_suffix(".xmp")
    if naming == "stem" and wanted not in there and wanted.exists():
        wanted = full  # it belongs to another photo with the same stem
    return wanted if wanted in there or not there else there[0]


def _sidecars(photo: Path, companions: Iterable[str]) -> list[Path]:
    full = photo.with_name(f"{photo.name}.xmp")
    found = [photo.with_name(name) for name in companions if name.lower().endswith(".xmp")]
    if full not in found and _is_there(full):
        found.append(full)  # written after the photo was measured
    return sorted((path for path in found if path.exists()), key=lambda path: path != full)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False  # so it cannot exist
        raise


def _refused(error: FileRefused) -> str:
    return f"it {error.reason}"


def _why(error: OSError) -> str:
    """The reason of an error, for the report."""
    if error.errno == errno.ENAMETOOLONG:
        return "its name is too long for a sidecar"
    return error.strerror or "cannot be read"


def _readable(embedded: bytes) -> bytes | None:
    """The photo's own XMP block, or None if it is damaged."""
    if not embedded:
        return None
    try:
        Sheet(parse(embedded))
    except NotXmp:
        return None
    return embedded


# Writes our facts into the photo itself with an installed exiftool, only if the user asks for that.


EMBEDDABLE = frozenset(["avif", "heic", "jpeg", "png", "tiff", "webp"])
"""Formats (not suffixes) that may be written to; camera RAW never is."""
PATIENCE_SECONDS = 120
"""Time limit of one call of exiftool."""
EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
"""Begins each further segment of a JPEG whose XMP is larger than one segment of 64 KB (depth maps, masks)."""


def find_exiftool() -> str:
    """The path of exiftool; a ``UserError`` says where to get it."""
    found = shutil.which("exiftool")
    if found is None:
        raise UserError("exiftool is not installed", "apt install libimage-exiftool-perl, or see exiftool.org")
    return found


def embed(
    photo: Path,
    kind: str,
    facts: Facts | None,
    picture_hash: Callable[[Path], str],
    *,
    companions: Iterable[str] = (),
    dry_run: bool = False,
) -> Change | None:
    """Write the facts into a photo, or remove ours if ``facts`` is None; returns None if nothing changes.

    A rating in one of its sidecars, which are among the ``companions``, overrules ours.
    The new file is written beside the old one, and replaces it only if its picture data is the same.
    """
    if kind not in EMBEDDABLE:
        raise PhotoUnreadable(f"{kind} files are not written to")
    if photo.is_symlink():
        raise PhotoUnreadable("it is a link")
    tool = find_exiftool()
    before = _ask(tool, "-xmp", "-b", photo) or None
    after = _changed(before, facts, [] if facts is None else _beside(photo, companions))
    if after == before:
        return None
    # We can read and write only the main block; exiftool would remove the extension with the old block.
    if kind == "jpeg" and EXTENDED in files.read(photo):
        raise PhotoUnreadable("its XMP has a large extension, which would be lost; it is left as it is")
    if dry_run:
        return Change(photo, before, after)
    with files.temporary_folder(photo.parent) as place:
        # exiftool expands codes such as %d and %f in these two names, so they must hold no % of the user's.
        made = place / f"photo{photo.suffix.replace('%', '')}"
        files.write_new(place / "block.xmp", [after or b""], sync="none")
        _ask(tool, "-m", "-xmp<=block.xmp" if after else "-xmp:all=", "-o", made.name, photo, within=place)
        if not made.exists() or picture_hash(made) != picture_hash(photo):
            raise PhotoUnreadable("exiftool would have changed the picture; it is left as it is")
        if not _says_the_same(_ask(tool, "-xmp", "-b", made), after):
            # exiftool silently leaves out a block that is too large for the format.
            raise PhotoUnreadable("its XMP would become too large; it is left as it is")
        # The file keeps its time, as it has the same picture; its new size makes the next run look at it.
        shutil.copystat(photo, made)
        files.put_in_place(made, photo)
    return Change(photo, before, after)


def _says_the_same(written: bytes, wanted: bytes | None) -> bool:
    """Whether the written block has the wanted content; exiftool writes parts of the wrapper in its own way."""
    if not (written and wanted):
        return not (written or wanted)
    try:
        return content(parse(written)) == content(parse(wanted))
    except NotXmp:
        return False


def _beside(photo: Path, companions: Iterable[str]) -> list[bytes]:
    """The texts of a photo's sidecars; damaged ones are left out."""
    there = [path for path in _sidecars(photo, companions) if not is_edit(path.name, photo.name)]
    return [text for path in there if (text := _readable(files.read(path)))]


def _changed(before: bytes | None, facts: Facts | None, others: Iterable[bytes]) -> bytes | None:
    """The new XMP block; None = no block."""
    try:
        if facts is None:
            return cleaned(before) if before is not None and is_marked(before) else before
        if before is None and facts.is_empty:
            return None
        return merged(before, facts, others)
    except NotXmp as error:
        raise PhotoUnreadable(f"its XMP block cannot be changed: {error}") from error


def _ask(tool: str, *words: str | Path, within: Path | None = None) -> bytes:
    done = subprocess.run(
        [tool, "-q", *map(str, words[:-1]), str(Path(words[-1]).absolute())],
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        cwd=within,
    )
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PhotoUnreadable(f"exiftool: {lines[0] if lines else 'failed'}")
    return done.stdout
