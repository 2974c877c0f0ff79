"""Imports the libraries of the pinned design card together; smoke_formats.py ranks in the same environment."""

from __future__ import annotations


def main() -> None:
    """Every import must work; the first that does not ends the run."""
    import cv2
    import insightface.app
    import onnxruntime
    from deepface import DeepFace

    assert callable(insightface.app.FaceAnalysis)
    assert callable(DeepFace.analyze)
    print(f"opencv {cv2.__version__}, onnxruntime {onnxruntime.__version__}, insightface {insightface.__version__}")


if __name__ == "__main__":
    main()
