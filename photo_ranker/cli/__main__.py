"""``python -m photo_ranker.cli`` is ``photo-ranker``."""

from photo_ranker.cli import start

start()
