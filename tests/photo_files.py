"""Photos that the tests make themselves: four coloured quarters, in every format."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photo_ranker.images import Limits, OpenPhoto, open_photo
from photo_ranker.settings import Settings

LIMITS = Limits.of(Settings().measure)

RED, GREEN, BLUE, YELLOW = (220, 40, 40), (40, 200, 40), (40, 40, 220), (230, 230, 40)

ORIENTATION, MAKE, MODEL, DATE_TIME, EXIF_IFD = 0x0112, 0x010F, 0x0110, 0x0132, 0x8769


def quarters(width: int = 320, height: int = 192) -> NDArray[np.uint8]:
    """Red and green above, blue and yellow below: every turn and every mirror image differs."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = RED, GREEN
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = BLUE, YELLOW
    return pixels


def noise(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """Soft coloured clouds: as hard to compress as a photo, no two rows alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8 + 2, width // 8 + 2, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def encoded(pixels: NDArray[Any] | Image.Image, kind: str, **options: Any) -> bytes:
    """A file of that format, by Pillow."""
    stream = io.BytesIO()
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(stream, kind, **options)
    return stream.getvalue()


def exif(tags: Mapping[int, Any], inner: Mapping[int, Any] | None = None) -> bytes:
    """An EXIF block with these tags, and ``inner`` in its EXIF directory."""
    block = Image.Exif()
    block.update(tags)
    block.get_ifd(EXIF_IFD).update(inner or {})
    return block.tobytes()


def opened(folder: Path, data: bytes, name: str = "photo.jpg", limits: Limits = LIMITS) -> OpenPhoto:
    """The photo that these bytes make as a file of that name."""
    path = folder / name
    path.write_bytes(data)
    return open_photo(path, limits)


def corners(pixels: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """The colours in the middle of the quarters: top left, top right, bottom left, bottom right."""
    height, width = pixels.shape[:2]
    return [tuple(pixels[y, x]) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]


def same_colours(found: Sequence[tuple[int, ...]], wanted: Sequence[tuple[int, ...]], within: int = 12) -> bool:
    """Whether colours agree within so many grey levels."""
    return bool(np.abs(np.array(found, int) - np.array(wanted, int)).max() <= within)


# 64 x 48, quarters as above, stored upright; the container turns it by 90 degrees clockwise and EXIF repeats that.
TINY_HEIC = zlib.decompress(
    base64.b85decode(
        "c-"
        "muNV30{GsVvAy%}izhg51nBLl8SRGck>Uf$>CcYDppk1Sn>t<P<^K3<a6VB@Af5Br_);Y>0~k0}}%yh{gB@LIc4upcoJ^ZGwx;17"
        "eHJ%)B%(4<suJ<fMX?0o7!bB^xpz2{M9|xK?C>mGc#3mgF)(RWh<?78Df#+0QZylJkLd8Bnh?BQr>70$7pU2Zld?fBaxz;Ac(%>X"
        "2|?<YD~(AEba8q=FfQ<aRMRBmyP1oERC=WELnivQB&TWZBLg92o`*Kp|!j!JwD~RL<tYc(C|DC(sh%<oukXyyTn;peQc`TLVx?B("
        "u0673y6FDAq{MNi2Y}K|x^vrNM#l|Ns9F(7+HV$gIc&2{LnVZ~!UJ%%c1fpnDi3GYfKIk;2Hp$kxcj%-Yfh<Va-"
        "}rKUk8_>xnKlflsd3ZR_altfT`9nxT2&-p;nV&(t0lj{Enl*QfIGcRo3-"
        "{k+FbM}31`v1cz_u?<JJ@<d#vi`JX{g22(gH3gT|KD=!&pi{lj(vmCf#UtrM@~3~K1nUx{3Kwj>fRR&4F+DkwQM`zJUo6*>NUfr8"
        ";_E#%(y0N+bfy2#D9t?|9iuOW#i4L10lKG=4po>USs`GrL$}rYf?ds*Y@2W93s6%Q*Jyfe7B{{j&It62$vmVzpT$ivOPJNc<1-"
        "jshj7kv`(1w{OkIK$<}NJ(Z4(9*bA-"
        "%`hpFT3VeMTw17Mg1{OwsaEP%1u^poTn9T)Bhm1m?2n0nE14DZz0}C{y{XhZaSWu9Y%8(h5k)M~UU}*^q<_XMTogzS7F+mW_W(VS"
        ")NfW_r79&#waL^hV7@1fZm{}PZDj1qt835U)4B7@pRt7+606(wIBm"
    )
)


def dng(raw: tuple[int, int], preview: bytes, preview_size: tuple[int, int], orientation: int = 1) -> bytes:
    """A camera RAW: an even grey sensor and a JPEG preview in front of it."""
    sensor = np.full(raw[::-1], 9000, "<u2").tobytes()
    model, date = b"Builder One\0", b"2024:06:01 15:04:05\0"
    colours = struct.pack("<18i", *(number for value in (1, 0, 0, 0, 1, 0, 0, 0, 1) for number in (value, 1)))
    below = _directory(
        {
            254: (4, [0]), 256: (4, [raw[0]]), 257: (4, [raw[1]]), 258: (3, [16]), 259: (3, [1]), 262: (3, [32803]),
            273: (4, [sensor]), 277: (3, [1]), 278: (4, [raw[1]]), 279: (4, [len(sensor)]),
            33421: (3, [2, 2]), 33422: (1, [0, 1, 1, 2]), 50717: (4, [65535]),
        },
        place=0x10000,
    )  # fmt: skip
    first = _directory(
        {
            254: (4, [1]), 256: (4, [preview_size[0]]), 257: (4, [preview_size[1]]), 258: (3, [8, 8, 8]),
            259: (3, [7]), 262: (3, [6]), 271: (2, b"Builder\0"), 272: (2, model), 273: (4, [preview]),
            274: (3, [orientation]), 277: (3, [3]), 278: (4, [preview_size[1]]), 279: (4, [len(preview)]),
            306: (2, date), 330: (4, [0x10000]), 50706: (1, [1, 4, 0, 0]), 50708: (2, model), 50721: (10, colours),
        },
        place=8,
    )  # fmt: skip
    assert len(first) < 0x10000 - 8
    return (b"II*\0" + struct.pack("<I", 8) + first).ljust(0x10000, b"\0") + below


def _directory(tags: Mapping[int, tuple[int, Any]], place: int) -> bytes:
    """One TIFF directory and its values behind it; a value [bytes] is stored there and replaced by its place."""
    sizes, codes = {1: 1, 2: 1, 3: 2, 4: 4, 10: 8}, {1: "B", 3: "H", 4: "I"}
    entries, behind = b"", b""
    start = place + 2 + 12 * len(tags) + 4
    for tag, (kind, given) in sorted(tags.items()):
        values = given
        if isinstance(given, list) and isinstance(given[0], bytes):
            values, behind = [start + len(behind)], behind + given[0] + b"\0" * (len(given[0]) % 2)
        packed = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{codes[kind]}", *values)
        entries += struct.pack("<HHI", tag, kind, len(packed) // sizes[kind])
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", start + len(behind))
            behind += packed + b"\0" * (len(packed) % 2)
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0) + behind
