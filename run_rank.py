"""Rank the photos of one person: python run_rank.py --ref person.jpg --photos DIR --top 20."""

import sys
from pathlib import Path

from photo_ranker.cli import start

if __name__ == "__main__":
    tuning = Path(__file__).with_name("config.py")
    start(["rank", "--config", str(tuning), *sys.argv[1:]])
