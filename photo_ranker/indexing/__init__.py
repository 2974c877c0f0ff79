"""A folder -> fresh records: what changed, the worker pool, checkpoints, the run report."""

from photo_ranker.indexing.options import IndexOptions, Report
from photo_ranker.indexing.run import index, refresh

__all__ = ["IndexOptions", "Report", "index", "refresh"]
