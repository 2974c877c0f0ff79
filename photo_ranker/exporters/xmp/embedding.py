"""Writes our facts into the photo itself with an installed exiftool, only if the user asks for that."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from photo_ranker.core import files
from photo_ranker.errors import PhotoUnreadable, UserError
from photo_ranker.exporters.xmp.document import NotXmp
from photo_ranker.exporters.xmp.facts import Facts
from photo_ranker.exporters.xmp.merging import cleaned, is_marked, merged

__all__ = ["EMBEDDABLE", "embed", "find_exiftool"]

EMBEDDABLE = frozenset(["avif", "heic", "jpeg", "png", "tiff", "webp"])
"""Formats (not suffixes) that may be written to; camera RAW never is."""
PATIENCE_SECONDS = 120
"""Time limit of one call of exiftool."""


def find_exiftool() -> str:
    """The path of exiftool; a ``UserError`` says where to get it."""
    found = shutil.which("exiftool")
    if found is None:
        raise UserError("exiftool is not installed", "apt install libimage-exiftool-perl, or see exiftool.org")
    return found


def embed(
    photo: Path, kind: str, facts: Facts | None, picture_hash: Callable[[Path], str], *, dry_run: bool = False
) -> bool:
    """Write the facts into a photo, or remove ours if they are None; False if nothing changes.

    The new file is written beside the old one, and replaces it only if its picture data is the same.
    """
    if kind not in EMBEDDABLE:
        raise PhotoUnreadable(f"{kind} files are not written to")
    if photo.is_symlink():
        raise PhotoUnreadable("it is a link")
    tool = find_exiftool()
    before = _ask(tool, "-xmp", "-b", photo) or None
    after = _changed(before, facts)
    if after == before or dry_run:
        return after != before
    with files.temporary_folder(photo.parent) as place:
        block, made = place / "block.xmp", place / f"photo{photo.suffix}"
        files.write_new(block, [after or b""], sync="none")
        _ask(tool, "-m", f"-xmp<={block}" if after else "-xmp:all=", "-o", made, photo)
        if not made.exists() or picture_hash(made) != picture_hash(photo):
            raise PhotoUnreadable("exiftool would have changed the picture; it is left as it is")
        # The file keeps its time, as it has the same picture; its new size makes the next run look at it.
        shutil.copystat(photo, made)
        files.put_in_place(made, photo)
    return True


def _changed(before: bytes | None, facts: Facts | None) -> bytes | None:
    """The new XMP block; None for none."""
    try:
        if facts is None:
            return cleaned(before) if before is not None and is_marked(before) else before
        if before is None and facts.is_empty:
            return None
        return merged(before, facts)
    except NotXmp as error:
        raise PhotoUnreadable(f"its XMP block cannot be changed: {error}") from error


def _ask(tool: str, *words: str | Path) -> bytes:
    done = subprocess.run(
        [tool, "-q", *map(str, words[:-1]), str(Path(words[-1]).absolute())],
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PhotoUnreadable(f"exiftool: {said[0] if said else 'failed'}")
    return done.stdout
