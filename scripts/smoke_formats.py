"""Ranks a folder of JPEG, PNG, WebP and HEIC in the environment that runs this, as a user would.

python scripts/smoke_formats.py run_rank.py      the design card: the checkout and `pip install -r requirements.txt`
python scripts/smoke_formats.py photo-ranker     after `pip install .`
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from small_album import PERSON, REFERENCE, write_album

ROOT = Path(__file__).parent.parent

WAYS: dict[str, list[str]] = {
    "run_rank.py": [sys.executable, str(ROOT / "run_rank.py")],
    "photo-ranker": [str(Path(sys.executable).with_name("photo-ranker")), "rank"],
}


def main(way: str) -> None:
    """Fail unless exactly the photos of the person are ranked and every photo could be read."""
    with tempfile.TemporaryDirectory() as folder:
        album = write_album(Path(folder))
        words = ["--ref", str(Path(folder, REFERENCE)), "--photos", str(album), "--top", "20"]
        # In another folder, so that nothing is imported from the checkout by chance.
        done = subprocess.run([*WAYS[way], *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "could not be read" not in done.stderr, done.stderr
    assert sorted(done.stdout.split()) == sorted(str(album / name) for name in PERSON), done.stdout + done.stderr
    print(f"{way} ranks JPEG, PNG, WebP and HEIC here")


if __name__ == "__main__":
    main(sys.argv[1])
