"""Photo Ranker: the best photos of one person, best first, each with its reason.

>>> import photo_ranker
>>> ranking = photo_ranker.rank("anna.jpg", "wedding", top=20)
>>> for photo in ranking.results:
...     print(photo.path, photo.score, photo.reasons)

Three calls: ``rank``, ``open_album``, ``measure``; docs/PYTHON.md has examples of these and of more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from photo_ranker.album import Album
    from photo_ranker.api import measure, open_album, rank
    from photo_ranker.errors import PhotoRankerError, PhotoUnreadable, UserError
    from photo_ranker.questions import Filters
    from photo_ranker.questions.answer import Question, Ranking
    from photo_ranker.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Album",
    "Filters",
    "PhotoRankerError",
    "PhotoUnreadable",
    "Question",
    "Ranking",
    "Settings",
    "UserError",
    "measure",
    "open_album",
    "rank",
]

_HOMES = {
    "Album": "album",
    "Filters": "questions",
    "PhotoRankerError": "errors",
    "PhotoUnreadable": "errors",
    "Question": "questions.answer",
    "Ranking": "questions.answer",
    "Settings": "settings",
    "UserError": "errors",
    "measure": "api",
    "open_album": "api",
    "rank": "api",
}
"""Public name -> its module, imported when the name is first used: importing the package costs nothing."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'photo_ranker' has no attribute '{name}'")
    return getattr(import_module(f"photo_ranker.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
