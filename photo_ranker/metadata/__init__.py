"""PhotoRecords <-> ``.photo_ranker_metadata.json``: load, save, lock, journal.

The file is JSON with one line per photo, so that it can be read, compared and repaired by hand::

    {"schema":1,"photos":{
    "IMG_1.jpg":{"stamp":{"size":1,"mtime_ns":2,"hash":"..."},"faces":[...]},
    "IMG_2.jpg":{...}
    }}

During an index run three files lie beside it: the journal (records since the last save), the lock, a temporary file.
A key is the file's name; :mod:`photo_ranker.metadata.document` says how names that are not valid Unicode are written.
"""

from photo_ranker.metadata.document import keep_unknown_of, pass_through
from photo_ranker.metadata.face_ids import carry_ids, hand_on_ids
from photo_ranker.metadata.ledger import Ledger
from photo_ranker.metadata.lock import FolderLock
from photo_ranker.metadata.places import METADATA_NAME, cache_place, cache_places
from photo_ranker.metadata.storage import (
    facts_place,
    is_unfinished,
    load,
    load_texts,
    put_aside,
    read_ahead,
    write_file,
)

__all__ = [
    "METADATA_NAME",
    "FolderLock",
    "Ledger",
    "cache_place",
    "cache_places",
    "carry_ids",
    "facts_place",
    "hand_on_ids",
    "is_unfinished",
    "keep_unknown_of",
    "load",
    "load_texts",
    "pass_through",
    "put_aside",
    "read_ahead",
    "write_file",
]
