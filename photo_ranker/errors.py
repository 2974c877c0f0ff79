"""Everything a caller may catch.

PhotoRankerError
├── UserError              the user must change something (exit code 2)
│   ├── SettingError       a line of config.py is wrong
│   ├── ReferenceUnusable  a reference photo shows no usable face
│   ├── ModelUnavailable   a model file is missing, damaged or cannot be fetched
│   └── MetadataError      stored facts cannot be read or written
│       ├── FileRefused    something other than a plain file has the name of one of our files
│       ├── NewerSchema    the file was written by a newer version
│       └── NotSaved       the disk is full or the folder cannot be written
├── RunFailed              this machine cannot go on, whatever the photo (exit code 1)
│   ├── InstallationBroken a package or a shared library is missing or does not load
│   │   └── ExtraMissing   an extra that the user asked for is not installed (exit code 2)
│   └── OutOfMemory        there is not enough memory
└── PhotoUnreadable        one file is not a photo we can read
    └── PhotoOutOfReach    not the file's fault: a later run may read it
        └── FormatNotInstalled  the package that reads its format is not installed
"""

from __future__ import annotations

__all__ = [
    "Explained",
    "ExtraMissing",
    "FileRefused",
    "FormatNotInstalled",
    "InstallationBroken",
    "MetadataError",
    "ModelUnavailable",
    "NewerSchema",
    "NotSaved",
    "OutOfMemory",
    "PhotoOutOfReach",
    "PhotoRankerError",
    "PhotoUnreadable",
    "ReferenceUnusable",
    "RunFailed",
    "SettingError",
    "UserError",
]


class PhotoRankerError(Exception):
    """The root of every error that Photo Ranker raises on purpose."""


class Explained(PhotoRankerError):
    """An error with one line of what happened and one line of advice."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class UserError(Explained):
    """Something the user can fix."""


class RunFailed(Explained):
    """The machine or the installation has failed. It is no photo's fault, so it is never stored as "unreadable"."""


class InstallationBroken(RunFailed):
    """A package or a shared library is missing, or does not load."""


class ExtraMissing(InstallationBroken):
    """An extra that the user asked for is not installed (exit code 2)."""


class OutOfMemory(RunFailed):
    """There is not enough memory."""


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
    """The file is not to blame: no permission, a failing disk. A later run may read it, so this is not stored."""


class FormatNotInstalled(PhotoOutOfReach):
    """The package that reads this format is not installed."""


class MetadataError(UserError):
    """The stored facts of a folder cannot be used."""


class FileRefused(MetadataError):
    """A link, a folder, a pipe or a device has the name of one of our files; it was left alone."""

    def __init__(self, message: str, advice: str = "", *, reason: str = "") -> None:
        super().__init__(message, advice)
        self.reason = reason


class NewerSchema(MetadataError):
    """The file was written by a newer Photo Ranker and is left as it is."""


class NotSaved(MetadataError):
    """The facts could not be written; the old file is intact."""
