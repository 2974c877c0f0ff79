"""The last line on stderr when an album is mostly unreadable: nobody should take an empty result for an answer."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Sequence

__all__ = ["note_unreadable", "warn_at_the_end"]

_NO_PHOTOS = ("not a photo", "is a folder", "is a pipe", "is no file", "empty file")
"""How the reasons begin of files that never were photos: they count neither way."""


def note_unreadable(args: argparse.Namespace, reasons: Sequence[str], photos: int) -> None:
    """Prepare the warning if more than half of the photos are unreadable for one reason."""
    of_photos = [reason for reason in reasons if not reason.startswith(_NO_PHOTOS)]
    photos -= len(reasons) - len(of_photos)
    kinds = Counter(map(_kind, of_photos))
    kind, count = next(iter(kinds.most_common(1)), ("", 0))
    if count * 2 > photos:
        reason = next(reason for reason in of_photos if _kind(reason) == kind)
        args.warning = f"warning: {count:,} of {photos:,} photos cannot be read: {reason}"


def _kind(reason: str) -> str:
    """Reasons that differ in a number alone, such as a place in the file, are one reason."""
    return re.sub(r"\d[\d.,]*", "0", reason)


def warn_at_the_end(args: argparse.Namespace) -> None:
    """Print the warning below everything else. ``--quiet`` does not silence it: the result may mean nothing."""
    from photo_ranker.exporters.table import colour_wanted
    from photo_ranker.terminal import printable

    sys.stdout.flush()
    text = printable(args.warning)
    print(f"\033[31m{text}\033[0m" if colour_wanted(sys.stderr) else text, file=sys.stderr)
