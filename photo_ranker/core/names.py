"""Giving a file its name, or a second one: never over another file, unless that is meant."""

from __future__ import annotations

import errno
import os
from pathlib import Path

__all__ = ["NO_LINKS", "hard_link", "publish", "rename", "symbolic_link"]

NO_LINKS = frozenset(
    [errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EINVAL]
)
"""How systems say that they make no hard links here."""


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, if nobody has it: a rename would replace, a link raises ``FileExistsError``."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))  # a system without hard links: reserve the name
        temporary.replace(path)
    else:
        temporary.unlink()


def rename(path: Path, new: Path) -> None:
    """Give a file another name, whoever has it."""
    path.replace(new)


def hard_link(path: Path, source: Path) -> None:
    """Make ``path`` a second name of a file; ``FileExistsError`` if it is taken."""
    os.link(source, path)


def symbolic_link(path: Path, source: Path) -> None:
    """Make ``path`` a link to a file; ``FileExistsError`` if it is taken."""
    path.symlink_to(source)
