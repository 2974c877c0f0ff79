"""Our facts inside the photo itself, through an installed exiftool; only for those who ask for it."""

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
"""Formats, not names; camera RAW is never written to."""
PATIENCE_SECONDS = 120


def find_exiftool() -> str:
    """The program, or a word on where to get it."""
    found = shutil.which("exiftool")
    if found is None:
        raise UserError("exiftool is not installed", "apt install libimage-exiftool-perl, or see exiftool.org")
    return found


def embed(
    photo: Path, kind: str, facts: Facts | None, picture_hash: Callable[[Path], str], *, dry_run: bool = False
) -> bool:
    """Write the facts into a photo, or with None take ours out; False when there is nothing to change.

    The new file is made beside the old one and takes its place only if it shows the same picture.
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
        # The time of the file stays, as that of the picture; its size tells us to look again.
        shutil.copystat(photo, made)
        files.put_in_place(made, photo)
    return True


def _changed(before: bytes | None, facts: Facts | None) -> bytes | None:
    """The block as it is to be; None for none at all."""
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
