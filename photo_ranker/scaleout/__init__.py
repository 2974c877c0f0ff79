"""Runs the same analysis on a Ray cluster, and on photos in object storage.

Neither changes what is measured: photos go through the functions of an ordinary worker process, and records into the
same metadata files. Only the run itself writes those, never a worker.
"""

from photo_ranker.scaleout.cluster import LOCAL, ray_pool
from photo_ranker.scaleout.remote import index_anywhere, is_url

__all__ = ["LOCAL", "index_anywhere", "is_url", "ray_pool"]
