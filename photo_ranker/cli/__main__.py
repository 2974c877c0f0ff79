"""``python -m photo_ranker.cli`` is ``photo-ranker``."""

import sys

from photo_ranker.cli import main

sys.exit(main())
