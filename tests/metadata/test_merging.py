from __future__ import annotations

from itertools import permutations
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import a_face, a_record
from photo_ranker.metadata.document import encode_record
from photo_ranker.metadata.storage import Copy, merge_copies

NAMES = ["a.jpg", "b.jpg", "c.jpg"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds two of the photos, of 10 and 11 bytes."""
    folder = tmp_path_factory.mktemp("folder")
    for name, size in zip(NAMES, (10, 11), strict=False):
        (folder / name).write_bytes(b"x" * size)
    return folder


def a_copy(folder: Path, revision: int, photos: dict[str, tuple[int, int, int]]) -> Copy:
    """Photos by name, each with the size in its stamp, the number of its face, and a key of somebody else's."""
    copy = Copy(revision, beside={"revision": msgspec.Raw(b"%d" % revision)})
    for name, (size, face, theirs) in photos.items():
        path = folder / name
        mtime_ns = path.stat().st_mtime_ns if path.exists() else 1
        copy.records[name] = a_record(a_face(f"f{face}"), size=size, mtime_ns=mtime_ns)
        text = bytes(encode_record(copy.records[name]))
        more = msgspec.json.decode(text) | ({f"theirs{theirs}": theirs} if theirs else {})
        copy.texts[name] = msgspec.Raw(msgspec.json.encode(more) if theirs else text)
    return copy


PHOTOS = st.dictionaries(
    st.sampled_from(NAMES), st.tuples(st.integers(10, 11), st.integers(0, 2), st.integers(0, 2)), max_size=3
)
COPIES = st.lists(st.tuples(st.integers(0, 2), PHOTOS), min_size=1, max_size=3)


def plain(copy: Copy) -> tuple[object, ...]:
    return (
        copy.revision,
        copy.records,
        {name: msgspec.json.decode(text) for name, text in copy.texts.items()},
        copy.beside,
    )


@settings(deadline=None, max_examples=200)
@given(COPIES)
def test_no_photo_is_lost_and_the_order_does_not_matter(
    folder: Path, given: list[tuple[int, dict[str, tuple[int, int, int]]]]
) -> None:
    copies = [a_copy(folder, *one) for one in given]
    merged = merge_copies(copies, folder)
    assert merged.records.keys() == {name for copy in copies for name in copy.records}
    for name, record in merged.records.items():
        known = [copy for copy in copies if name in copy.records]
        assert record in [copy.records[name] for copy in known]
        sizes = {copy.records[name].stamp.size for copy in known}
        if (folder / name).exists() and (size := (folder / name).stat().st_size) in sizes:
            assert record.stamp.size == size, "the record of the file as it is"
            known = [copy for copy in known if copy.records[name].stamp.size == size]
        highest = max(copy.revision for copy in known)
        assert record in [copy.records[name] for copy in known if copy.revision == highest]
        kept = {key for copy in copies if name in copy.texts for key in msgspec.json.decode(copy.texts[name])}
        assert kept - {"former"} <= msgspec.json.decode(merged.texts[name]).keys(), "keys of others survive"
    for order in permutations(copies):
        assert plain(merge_copies(order, folder)) == plain(merged)
    assert plain(merge_copies([*copies, merged], folder)) == plain(merged), "once more changes nothing"
