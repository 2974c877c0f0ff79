"""Keeps a folder's records up to date: what changed, the worker pool, saving on the way, the report."""

from photo_ranker.indexing.interfaces import IndexOptions, Report
from photo_ranker.indexing.run import index, refresh

__all__ = ["IndexOptions", "Report", "index", "refresh"]
