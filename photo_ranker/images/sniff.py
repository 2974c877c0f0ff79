"""What a file is, by its name and by its first bytes; the bytes decide."""

from __future__ import annotations

from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images.exif import DNG_VERSION, NEW_SUBFILE_TYPE, SUB_IFDS, tiff_tags

__all__ = [
    "OTHER_SUFFIXES",
    "PHOTO_SUFFIXES",
    "RAW_SUFFIXES",
    "TIFF_MAGICS",
    "VIDEO_SUFFIXES",
    "format_of",
    "is_backup",
    "sniff",
    "suffix_of",
]


# fmt: off
RAW_SUFFIXES = frozenset((
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq", ".kdc", ".mef", ".mos",
    ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
))
"""Camera RAW; we read the embedded preview."""

PHOTO_SUFFIXES = RAW_SUFFIXES | frozenset((
    ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".png", ".tif",
    ".tiff", ".webp",
))
"""Lower case; compare with :func:`suffix_of`."""
# fmt: on

VIDEO_SUFFIXES = frozenset([".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"])
"""Films that OpenCV's reader opens."""

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
"""Never photos, so they are not opened; unfinished downloads are among them."""
# fmt: on


def suffix_of(name: str) -> str:
    """The suffix in lower case with its dot; empty for names without one and for ``.hidden`` ones."""
    dot = name.rfind(".")  # os.path.splitext takes ten times as long, and folders may be large
    return name[dot:].lower() if dot > 0 else ""


def is_backup(suffix: str) -> bool:
    """Whether it is a copy that a program made before changing a file, such as exiftool's ``IMG_1.jpg_original``."""
    return suffix in {".bak", ".old", ".orig"} or suffix.endswith(("_original", "~"))


# First bytes -> format. Longer entries need not come first: none is the beginning of another.
PHOTOS = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"BM": "bmp",
    b"FUJIFILMCCD-RAW": "raw",
    b"IIRO": "raw",  # Olympus
    b"IIRS": "raw",
    b"MMOR": "raw",
    b"IIU\0": "raw",  # Panasonic
    b"FOVb": "raw",  # Sigma
    b"\0MRM": "raw",  # Minolta
    b"II\x1a\0\0\0HEAPCCDR": "raw",  # early Canon
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",  # BigTIFF
    b"MM\0+": "tiff",
}

TIFF_MAGICS = tuple(magic for magic, name in PHOTOS.items() if name == "tiff")
"""First bytes of TIFF files."""

# Brands of an ISO media file (HEIC, AVIF, MP4 and others share the container), the specific ones first:
# "mif1" only says "some picture", and is in AVIF files too.
BRANDS = {
    "raw": {b"crx "},  # Canon CR3
    "avif": {b"avif", b"avis"},
    "heic": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"miaf"},
}

# First bytes -> words for the message about a file that is no photo.
OTHERS = {
    b"%PDF": "a PDF document",
    b"8BPS": "a Photoshop document",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x1aE\xdf\xa3": "a video",
    b"OggS": "an Ogg sound or video",
    b"ID3": "a sound file",
    b"fLaC": "a sound file",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\0\0\1\0": "an icon",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"SQLite format 3": "a database",
    b"\xff\x0a": "a JPEG XL picture, which we cannot read",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture, which we cannot read",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture, which we cannot read",
}

IN_ZIP = {b"word/": "a Word document", b"xl/": "an Excel sheet", b"ppt/": "a PowerPoint presentation"}


def sniff(data: bytes, suffix: str) -> str:
    """The format of a photo: "jpeg", "png", "heic", "raw" and so on; anything else raises :class:`PhotoUnreadable`."""
    kind = format_of(data, suffix)
    if kind is None:
        raise PhotoUnreadable(f"not a photo{_what_else(data)}")
    return kind


def format_of(data: bytes, suffix: str) -> str | None:
    """The format of a photo, or None; quicker than :func:`sniff`, which also finds out what else it is."""
    for magic, name in PHOTOS.items():
        if data.startswith(magic):
            return "raw" if name == "tiff" and _is_raw(data, suffix) else name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        stated = {data[8:12], *(data[at : at + 4] for at in range(16, min(int.from_bytes(data[:4], "big"), 128), 4))}
        for name, brands in BRANDS.items():
            if brands & stated:
                return name
    return None


def _is_raw(data: bytes, suffix: str) -> bool:
    if suffix.lower() in RAW_SUFFIXES:
        return True
    # Most RAW files are TIFFs: a small picture first, and the sensor's data in a sub-directory.
    tags = tiff_tags(data)
    return DNG_VERSION in tags or data[8:10] == b"CR" or (tags.get(NEW_SUBFILE_TYPE) == 1 and SUB_IFDS in tags)


def _what_else(data: bytes) -> str:
    if not data.strip(b"\0"):
        return " (it holds nothing but zeros)"
    for magic, name in OTHERS.items():
        if data.startswith(magic):
            return f" (it is {name})"
    if data.startswith(b"PK\3\4"):
        return f" (it is {next((name for mark, name in IN_ZIP.items() if mark in data), 'a ZIP archive')})"
    if data[4:8] == b"ftyp" or data[4:8] in {b"moov", b"mdat", b"wide", b"free"} or data[8:12] == b"AVI ":
        return " (it is a video)"
    return _text(data[:1000])


def _text(head: bytes) -> str:
    lowered = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in lowered:
        return " (it is an SVG drawing)"
    if lowered.startswith((b"<!doctype html", b"<html")):
        return " (it is a web page)"
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head)
    is_text = printable == len(head) and b"\x7f" not in head
    return " (it is a text)" if is_text and _is_utf8(head) else ""


def _is_utf8(head: bytes) -> bool:
    # The last character may be cut.
    try:
        head[:-3].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
