"""A library that is missing or cannot start: one clear line and the way out."""

from __future__ import annotations

from photo_ranker.errors import UserError

__all__ = ["BASE", "EXTRAS", "about_missing"]

EXTRAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "raw": ("camera RAW files", ("rawpy",)),
    "web": ("the web app", ("fastapi", "uvicorn", "jinja2", "python-multipart")),
    "parquet": ("tables of faces as Parquet files", ("pyarrow",)),
    "scaleout": ("clusters and object storage", ("ray", "fsspec")),
    "insightface": ("stronger identity models", ("insightface",)),
    "deepface": ("a second opinion on smiles", ("deepface", "werkzeug")),
}
"""Extra of pyproject.toml -> what it is for, and its packages."""

BASE: dict[str, str] = {
    "numpy": "numpy",
    "msgspec": "msgspec",
    "pillow": "PIL",
    "simplejpeg": "simplejpeg",
    "pi-heif": "pi_heif",
    "onnxruntime": "onnxruntime",
    "onnx": "onnx",
    "ai-edge-litert": "ai_edge_litert",
    "pooch": "pooch",
    "tqdm": "tqdm",
}
"""Package that every installation has -> its module; OpenCV, which comes in several packages, is apart."""

_SCREEN_LIBRARIES = ("libGL", "libEGL", "libgthread", "libglib", "libxcb")
"""What opencv-python needs and a server without a screen lacks."""


def about_missing(error: ImportError) -> UserError | None:
    """What to tell the user, or ``None`` where the mistake is ours."""
    text = str(error)
    if ".so" in text and any(name in text for name in _SCREEN_LIBRARIES):
        return UserError(
            f"OpenCV cannot start on this machine: {text.partition(':')[0]} is missing",
            "pip uninstall opencv-python opencv-contrib-python && pip install --force-reinstall"
            " opencv-python-headless; or install the system's libgl1 and libglib2.0-0",
        )
    module = (error.name or "").partition(".")[0]
    for purpose, packages in EXTRAS.values():
        if module.replace("_", "-") in packages:
            return UserError(f"{module}, for {purpose}, is not installed", f"pip install {' '.join(packages)}")
    for package, its_module in {**BASE, "opencv-python-headless": "cv2"}.items():
        if module == its_module:
            what = f"{package} is not installed" if error.name == module and "No module" in text else text
            return UserError(f"{module} cannot be used: {what}", f"pip install --force-reinstall {package}")
    return None
