"""The library most people would reach for, on the same photos; run by speed.py in an environment of its own.

``python by_face_recognition.py LIST`` loads the models, says so, waits for a line on stdin, and prints what it took.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(list_of_photos: Path) -> None:
    """Find and describe every face, as the library's own example does."""
    started = time.perf_counter()
    import face_recognition

    print(json.dumps({"startup": time.perf_counter() - started}), flush=True)
    sys.stdin.readline()
    wall, cpu = time.perf_counter(), time.process_time()
    faces = 0
    for path in list_of_photos.read_bytes().split(b"\0"):
        if path:
            faces += len(face_recognition.face_encodings(face_recognition.load_image_file(os.fsdecode(path))))
    figures = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "faces": faces}
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
