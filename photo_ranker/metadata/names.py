"""File names <-> keys of the JSON file, without loss.

A name that is valid Unicode is its own key. Linux allows names that are not: Python shows such a byte as one of
the code units dc80 to dcff ("surrogateescape"), and JSON has no place for them. In a key they are written as a
slash and four hex digits, as in ``caf/dce9.jpg`` for the Latin-1 bytes of "café.jpg". No file name holds a slash,
so no other name has that key. Windows' lone surrogates are written the same way.
"""

from __future__ import annotations

import re

__all__ = ["from_key", "to_key"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile("/(d[89a-f][0-9a-f]{2})")


def to_key(name: str) -> str:
    """The key of a file name; always encodable as UTF-8."""
    if name.isascii():
        return name
    return _SURROGATE.sub(lambda found: f"/{ord(found[0]):04x}", name)


def from_key(key: str) -> str:
    """The file name that :func:`to_key` was given."""
    if "/" not in key:
        return key
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), key)
