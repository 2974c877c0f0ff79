"""The interface for all adapters: commands, the Python API and the app make requests and pass them to a workspace.

Imports nothing heavy, so that a command can refuse a request before NumPy is loaded.
"""

from photo_ranker.core.terminal import SILENT, Listener
from photo_ranker.workspace.requests import (
    AlbumRequest,
    EngineRequest,
    ExportRequest,
    PersonRequest,
    PhotosRequest,
    XmpRequest,
)
from photo_ranker.workspace.workspace import RankAnswer, Workspace

__all__ = [
    "SILENT",
    "AlbumRequest",
    "EngineRequest",
    "ExportRequest",
    "Listener",
    "PersonRequest",
    "PhotosRequest",
    "RankAnswer",
    "Workspace",
    "XmpRequest",
]
