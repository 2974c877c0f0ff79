"""What changes a measurement, and which files are measured at all."""

from __future__ import annotations

from dataclasses import dataclass

from photo_ranker.settings.declaring import Section, setting

__all__ = ["MeasureSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings(Section):
    """The only settings that workers receive, so that no stored measurement can depend on any other."""

    detect_side: int = setting(
        1024,
        320,
        4096,
        "px",
        "longer side of the picture that faces are looked for in",
        chapter="Measuring: a change here measures the photos again",
    )
    detect_threshold: float = setting(0.6, 0.1, 0.99, "0..1", "a face counts as found from this certainty on")
    smile_by_deepface: bool = setting(
        False, 0, 1, "", "smiles are judged by deepface's emotion happy, which is measured beside ours"
    )
    max_pixels: int = setting(300_000_000, 1_000_000, 2_000_000_000, "px", "larger pictures are refused unread")
    max_file_bytes: int = setting(1_000_000_000, 1_000_000, 20_000_000_000, "bytes", "larger files are refused unread")
