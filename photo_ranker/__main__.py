"""``python -m photo_ranker`` is ``photo-ranker``."""

from photo_ranker.cli import start

start()
