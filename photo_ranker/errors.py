"""Everything a caller may catch.

PhotoRankerError
├── UserError              the user must change something (exit code 2)
│   ├── SettingError       a line of config.py is wrong
│   ├── ReferenceUnusable  a reference photo shows no usable face
│   ├── ModelUnavailable   a model file could not be had
│   └── MetadataError      stored facts cannot be read or written
│       ├── FileRefused    something else stands under the name of one of our files
│       ├── NewerSchema    the file was written by a newer version
│       └── NotSaved       the disk is full or the folder cannot be written
└── PhotoUnreadable        one file is not a photo we can read
    └── PhotoOutOfReach    the system does not let us read it now
"""

from __future__ import annotations

__all__ = [
    "FileRefused",
    "MetadataError",
    "ModelUnavailable",
    "NewerSchema",
    "NotSaved",
    "PhotoOutOfReach",
    "PhotoRankerError",
    "PhotoUnreadable",
    "ReferenceUnusable",
    "SettingError",
    "UserError",
]


class PhotoRankerError(Exception):
    """The root of every error that Photo Ranker raises on purpose."""


class UserError(PhotoRankerError):
    """Something the user can mend: one line of what, one line of advice."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class SettingError(UserError):
    """A setting is unknown, of the wrong type, or out of its range."""


class ReferenceUnusable(UserError):
    """A reference photo shows no face, or not the one that was asked for."""


class ModelUnavailable(UserError):
    """A model file is missing, damaged, or could not be fetched."""


class PhotoUnreadable(PhotoRankerError):
    """A file cannot be read as a photo; ``reason`` is for a person to read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PhotoOutOfReach(PhotoUnreadable):
    """The system does not hand out the file: no permission, a failing disk. Another time it may."""


class MetadataError(UserError):
    """The stored facts of a folder cannot be used."""


class FileRefused(MetadataError):
    """What lies under the name of one of our files is no file that we may open; nothing of it was touched."""

    def __init__(self, message: str, advice: str = "", *, reason: str = "") -> None:
        super().__init__(message, advice)
        self.reason = reason


class NewerSchema(MetadataError):
    """The file was written by a newer Photo Ranker and is left as it is."""


class NotSaved(MetadataError):
    """The facts could not be written; the old file is intact."""
