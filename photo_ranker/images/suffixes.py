"""What counts as a photo or a video by its name; the content has the last word."""

from __future__ import annotations

__all__ = ["OTHER_SUFFIXES", "PHOTO_SUFFIXES", "RAW_SUFFIXES", "VIDEO_SUFFIXES", "is_backup", "suffix_of"]

# fmt: off
RAW_SUFFIXES = frozenset((
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq", ".kdc", ".mef", ".mos",
    ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
))
"""Camera RAW, read by the embedded preview."""

PHOTO_SUFFIXES = RAW_SUFFIXES | frozenset((
    ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".png", ".tif",
    ".tiff", ".webp",
))
"""Lower case; compare with :func:`suffix_of`."""
# fmt: on

VIDEO_SUFFIXES = frozenset([".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"])

# fmt: off
OTHER_SUFFIXES = frozenset((
    ".7z", ".aac", ".afphoto", ".ai", ".apk", ".bat", ".bz2", ".c", ".cfg", ".conf", ".cpp", ".crdownload", ".css",
    ".csv", ".dat", ".db", ".dll", ".dmg", ".doc", ".docx", ".download", ".eml", ".eps", ".epub", ".exe", ".filepart",
    ".flac", ".gpx", ".gz", ".h", ".htm", ".html", ".ico", ".ics", ".ini", ".ipynb", ".iso", ".jar", ".java", ".js",
    ".jsonl", ".key", ".kml", ".lnk", ".lock", ".log", ".lrv", ".m3u", ".m4a", ".md", ".mid", ".mp3", ".msi", ".npy",
    ".numbers", ".odp", ".ods", ".odt", ".ogg", ".onnx", ".opus", ".pages", ".parquet", ".part", ".partial", ".pdf",
    ".php", ".ppt", ".pptx", ".ps", ".psb", ".psd", ".py", ".rar", ".rb", ".rs", ".rtf", ".sh", ".so", ".sql",
    ".sqlite", ".srt", ".svg", ".tar", ".tex", ".tgz", ".tmp", ".toml", ".torrent", ".ts", ".tsv", ".ttf", ".txt",
    ".url", ".vcf", ".wav", ".wma", ".xcf", ".xls", ".xlsx", ".xml", ".xz", ".yaml", ".yml", ".zip", ".zst",
))
"""Known to be no photos, so that they need not be opened; unfinished downloads are among them."""
# fmt: on


def suffix_of(name: str) -> str:
    """In lower case with its dot; empty for names without one and for ``.hidden`` ones."""
    dot = name.rfind(".")  # os.path.splitext takes ten times as long, and folders are large
    return name[dot:].lower() if dot > 0 else ""


def is_backup(suffix: str) -> bool:
    """Whether a program has set the file aside before changing it: exiftool's ``IMG_1.jpg_original`` and the like."""
    return suffix in {".bak", ".old", ".orig"} or suffix.endswith(("_original", "~"))
