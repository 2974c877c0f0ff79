"""The text of the metadata file: typed reading, and rewriting that keeps unknown keys.

A photo's key is its file name, encoded without loss. A name that is valid Unicode is its own key. Linux also allows
bytes that are not: Python represents each as one of the code units dc80 to dcff ("surrogateescape"), which JSON cannot
hold. A key has a slash and four hex digits instead, as in ``caf/dce9.jpg`` for the Latin-1 bytes of "café.jpg". No file
name contains a slash, so no other name has that key. Lone surrogates on Windows are written the same way.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from photo_ranker.errors import MetadataError, NewerSchema
from photo_ranker.records import DUO, HOLDS, UNNAMED_ENGINE, PhotoRecord

__all__ = [
    "REVISION",
    "SCHEMA",
    "Damaged",
    "check_details",
    "decode_entry",
    "decode_record",
    "encode_record",
    "from_key",
    "join_document",
    "keep_unknown",
    "keep_unknown_of",
    "pass_through",
    "pieces",
    "places_in",
    "read_document",
    "read_records",
    "split_document",
    "to_key",
    "with_unknown_of",
]

SCHEMA = 1
"""Raised only when older versions would misread the file; new optional keys do not need it."""
REVISION = "revision"
"""Key beside the photos: how many runs have changed the file. Older versions keep it as it is."""

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Code units that JSON cannot hold: bytes of a name that are not valid UTF-8."""
_ESCAPED = re.compile("/(d[89a-f][0-9a-f]{2})")
"""The form of such a code unit in a key."""

# Deterministic, so that an unchanged record gives the same line.
_ENCODER = msgspec.json.Encoder(order="deterministic")


def to_key(name: str) -> str:
    """The key of a file name; always encodable as UTF-8."""
    if name.isascii():
        return name
    return _SURROGATE.sub(lambda found: f"/{ord(found[0]):04x}", name)


def from_key(key: str) -> str:
    """The inverse of :func:`to_key`."""
    if "/" not in key:
        return key
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), key)


class Damaged(Exception):
    """The text is not a metadata file."""


class _Head(msgspec.Struct):
    schema: int
    """Decoded alone to tell a newer file from a damaged one."""


class _Document(msgspec.Struct):
    schema: int
    photos: dict[str, PhotoRecord]
    revision: Any = 0
    """Any value: a foreign one counts as 0, and must not make the file unreadable."""


# Decoders are made once, since making one costs more than decoding a record.
_HEAD = msgspec.json.Decoder(_Head)
_DOCUMENT = msgspec.json.Decoder(_Document)
_RECORD = msgspec.json.Decoder(PhotoRecord)
_RAWS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_records(data: bytes) -> dict[str, PhotoRecord]:
    """File name -> record. Raises :class:`Damaged` or :class:`NewerSchema`."""
    return read_document(data)[0]


def read_document(data: bytes) -> tuple[dict[str, PhotoRecord], int]:
    """The records and the revision: how many runs have changed the file, 0 for files of older versions."""
    with _collector_paused():
        try:
            document = _DOCUMENT.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # A file of a newer schema may not fit our types, but is not damaged.
            check_schema(_schema_of(data))
            raise Damaged(str(error)) from error
        check_schema(document.schema)
        records = {from_key(key): _with_names(record) for key, record in document.photos.items()}
        return records, document.revision if isinstance(document.revision, int) else 0


def check_details(records: Mapping[str, PhotoRecord]) -> None:
    """Also decode the details that usually stay text, and compare embeddings' lengths. Raises :class:`Damaged`."""
    lengths: dict[str, set[int]] = {}
    try:
        for record in records.values():
            for face in record.faces:
                _ = face.points, face.mesh, face.figures
                for network, row in ((face.engine, face.embedding), (DUO, face.second_embedding)):
                    if row is not None:
                        lengths.setdefault(network, set()).add(len(row))
    except MetadataError as error:
        raise Damaged(error.message) from error
    if any(len(several) > 1 or 0 in several or min(several) % 2 for several in lengths.values()):
        raise Damaged("identities of one engine are not of one length")


def _schema_of(data: bytes) -> int:
    try:
        return _HEAD.decode(data).schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(str(error)) from error


def check_schema(schema: int) -> None:
    """Refuse a newer schema: rewriting a file that we do not understand would lose data."""
    if schema > SCHEMA:
        raise NewerSchema(
            f"the metadata has schema {schema}; this version knows up to {SCHEMA}",
            "update Photo Ranker; the file is left as it is",
        )


def split_document(data: bytes) -> tuple[dict[str, msgspec.Raw], dict[str, msgspec.Raw]]:
    """The values beside the photos, and name -> the photo's text unchanged. The data must be valid."""
    beside = _RAWS.decode(data)
    photos = _RAWS.decode(beside.pop("photos"))
    del beside["schema"]
    return beside, {from_key(key): raw for key, raw in photos.items()}


def pieces(beside: Mapping[str, msgspec.Raw], photos: Mapping[str, msgspec.Raw]) -> Iterator[bytes]:
    """The text of the file in pieces, so that it need not fit into memory twice: one line per photo, sorted by key."""
    yield b'{"schema":%d,"photos":{\n' % SCHEMA
    ahead = b""
    for key in sorted(map(to_key, photos)):
        yield b"%b%b:" % (ahead, _ENCODER.encode(key))
        yield bytes(photos[from_key(key)])
        ahead = b",\n"
    yield b"\n}"
    for key in sorted(beside):
        yield b",\n%b:%b" % (_ENCODER.encode(key), beside[key])
    yield b"}\n"


def join_document(beside: Mapping[str, msgspec.Raw], photos: Mapping[str, msgspec.Raw]) -> bytes:
    """The text of the file."""
    return b"".join(pieces(beside, photos))


def encode_record(record: PhotoRecord, over: msgspec.Raw | None = None) -> msgspec.Raw:
    """The record's text, with the unknown keys of its older text ``over``."""
    if record.companions:
        record = msgspec.structs.replace(record, companions=tuple(map(to_key, record.companions)))
    new = _ENCODER.encode(record)
    if over is None or _is_ours(over):
        return msgspec.Raw(new)
    return msgspec.Raw(_ENCODER.encode(keep_unknown(msgspec.json.decode(over), msgspec.json.decode(new))))


def with_unknown_of(other: msgspec.Raw, text: msgspec.Raw) -> msgspec.Raw:
    """The text of a record, with the unknown keys of another text of the same photo."""
    if bytes(other) == bytes(text) or _is_ours(other):
        return text
    return msgspec.Raw(_ENCODER.encode(keep_unknown(msgspec.json.decode(other), msgspec.json.decode(text))))


def _is_ours(text: msgspec.Raw) -> bool:
    """Whether the text holds no unknown keys: our own text decodes and encodes to itself."""
    record = _RECORD.decode(text)
    return _ENCODER.encode(record) == bytes(text) and all(
        face.with_details(face.mesh, face.figures) == face for face in record.faces
    )


def decode_record(text: bytes | msgspec.Raw) -> PhotoRecord:
    """The record of a text; :class:`msgspec.DecodeError` if it is not one."""
    return _with_names(_RECORD.decode(text))


def places_in(data: bytes) -> Iterator[tuple[str, int, int]]:
    """For each photo: name, offset of its key, bytes from there to the end of its record; the data must be valid."""
    photos = bytes(_RAWS.decode(data)["photos"])
    at = data.index(photos)
    for key, raw in _RAWS.decode(photos).items():
        record = bytes(raw)
        start = data.index(b'"', at)
        # In files that we wrote the record follows its key directly; searching for a long text takes much longer.
        at = start + len(_ENCODER.encode(key)) + 1
        if not data.startswith(record, at):
            at = data.index(record, start)
        at += len(record)
        yield from_key(key), start, at - start


def decode_entry(text: bytes) -> tuple[str, PhotoRecord]:
    """Name and record from the bytes that :func:`places_in` locates for a photo."""
    ((key, record),) = _RAWS.decode(b"{%b}" % text).items()
    return from_key(key), decode_record(record)


def pass_through(record: PhotoRecord) -> PhotoRecord:
    """The record as it would come back from the file, so that a first run gives what later ones give."""
    return decode_record(encode_record(record))


def _with_names(record: PhotoRecord) -> PhotoRecord:
    if not record.companions:
        return record
    return msgspec.structs.replace(record, companions=tuple(map(from_key, record.companions)))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause garbage collection: it would take a third of the time of decoding, and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# Keeps keys that we do not know, from other programs or a newer version, when a record is rewritten.


Values = dict[str, Any]
"""A JSON object."""


def keep_unknown(old: Values, new: Values) -> Values:
    """The new record with the unknown keys of the old one.

    Keys of the photo itself always stay. Deeper ones (of a face, of the picture's figures) stay only while the picture
    is the same, because they describe that picture.
    """
    same_picture = old["stamp"]["hash"] == new["stamp"]["hash"]
    return _keep(old, new, msgspec.inspect.type_info(PhotoRecord), deep=same_picture)


def keep_unknown_of(struct: type[msgspec.Struct], old: Values, new: Values) -> Values:
    """The values of a struct, with the unknown keys of its older text at every depth."""
    return _keep(old, new, msgspec.inspect.type_info(struct), deep=True)


def _keep(old: Values, new: Values, kind: msgspec.inspect.Type, *, deep: bool) -> Values:
    struct = _struct_in(kind)
    if struct is None:
        return new
    fields = {field.encode_name: field.type for field in struct.fields}
    kept = new | {key: value for key, value in old.items() if key not in fields}
    if deep:
        kept |= {key: _keep_within(old[key], new[key], fields[key]) for key in fields if key in old and key in new}
    return kept


def _keep_within(old: Any, new: Any, kind: msgspec.inspect.Type) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return _keep(old, new, kind, deep=True)
    if isinstance(kind, (msgspec.inspect.VarTupleType, msgspec.inspect.ListType)) and _struct_in(kind.item_type):
        named = {_name(item): item for item in old if "id" in item}
        return [_keep(named.get(_name(item), {}), item, kind.item_type, deep=True) for item in new]
    return new


def _name(item: Values) -> tuple[Any, Any]:
    """What identifies a face: its id and its engine, since two engines may share an id."""
    return item.get("id"), item.get("engine", UNNAMED_ENGINE)


def _struct_in(kind: msgspec.inspect.Type) -> msgspec.inspect.StructType | None:
    if isinstance(kind, msgspec.inspect.Metadata) and kind.extra and HOLDS in kind.extra:
        kind = msgspec.inspect.type_info(kind.extra[HOLDS])
    kinds = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return next((one for one in kinds if isinstance(one, msgspec.inspect.StructType)), None)
