"""Tries the pinned design card: its libraries load beside ours, and a photo is measured and ranked."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import copy

from photo_ranker.models.samples import sample_photo

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Every step must work; the first that does not ends the run."""
    import cv2
    import insightface.app
    import onnxruntime
    from deepface import DeepFace

    assert callable(insightface.app.FaceAnalysis)
    assert callable(DeepFace.analyze)
    print(f"opencv {cv2.__version__}, onnxruntime {onnxruntime.__version__}, insightface {insightface.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("t1.jpg", "Tom_Hanks_54745.png"):
            copy(sample_photo(name), folder)
        rank = [sys.executable, str(ROOT / "run_rank.py"), "--ref", str(sample_photo("Tom_Hanks_54745.png"))]
        done = subprocess.run([*rank, "--photos", folder], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(Path(folder, "Tom_Hanks_54745.png"))], done.stdout + done.stderr
    print("the card works: 1 passed, 0 failed")


if __name__ == "__main__":
    main()
