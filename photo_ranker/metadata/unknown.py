"""Keeps keys that we do not know, from other programs or a newer version, when a record is rewritten."""

from __future__ import annotations

from typing import Any

import msgspec

from photo_ranker.records import HOLDS, UNNAMED_ENGINE, PhotoRecord

__all__ = ["keep_unknown", "keep_unknown_of"]

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
