"""The same analysis where one machine is not enough: workers on a Ray cluster, photos in object storage.

Neither changes what is measured: a photo goes through the very functions of a worker process, and the records land in
the same metadata files. A run is the owner of the folders it works on; it alone writes their files.
"""

from photo_ranker.scaleout.cluster import LOCAL, ray_pool
from photo_ranker.scaleout.remote import index_anywhere, is_url

__all__ = ["LOCAL", "index_anywhere", "is_url", "ray_pool"]
