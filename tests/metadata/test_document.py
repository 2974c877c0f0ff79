from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import photo_ranker
from builders import a_face, a_record, an_embedding
from photo_ranker.errors import NewerSchema
from photo_ranker.metadata.document import (
    Damaged,
    check_details,
    decode_entry,
    encode_record,
    from_key,
    join_document,
    keep_unknown_of,
    pass_through,
    places_in,
    read_document,
    read_records,
    split_document,
    to_key,
    with_unknown_of,
)
from photo_ranker.records import PhotoRecord

PACKAGE = Path(photo_ranker.__file__).parent


def text_of(photos: dict[str, PhotoRecord]) -> bytes:
    return join_document({}, {name: encode_record(record) for name, record in photos.items()})


FULL = a_record(
    a_face(embedding=an_embedding(1)), a_face("f2", engine="buffalo_l"), taken_at="2024-06-01T15:04:05.250", camera="X"
)


def test_records_come_back() -> None:
    photos = {"b.jpg": FULL, os.fsdecode(b"\xff.jpg"): a_record(unreadable="empty file"), "a\n.jpg": a_record()}
    assert read_records(text_of(photos)) == photos


def test_the_file_is_plain_json_with_one_line_a_photo() -> None:
    text = text_of({"b.jpg": FULL, "a.jpg": FULL})
    document = json.loads(text)
    assert document["schema"] == 1
    assert list(document["photos"]) == ["a.jpg", "b.jpg"]
    assert document["photos"]["a.jpg"]["stamp"] == {"size": 10, "mtime_ns": 1, "hash": "00"}
    assert [line[:7] for line in text.splitlines()[1:-1]] == [b'"a.jpg"', b'"b.jpg"']


def test_companions_of_any_name_come_back() -> None:
    record = a_record(companions=("a.xmp", os.fsdecode(b"\xff.dng")))
    assert pass_through(record) == record


def test_the_engine_of_every_face_is_stored() -> None:
    assert [face["engine"] for face in json.loads(bytes(encode_record(FULL)))["faces"]] == ["sface", "buffalo_l"]


def test_another_default_engine_changes_no_stored_face(tmp_path: Path) -> None:
    """In a copy of the package, since the default is a constant."""
    shutil.copytree(PACKAGE, tmp_path / "photo_ranker", ignore=shutil.ignore_patterns("__pycache__"))
    records = tmp_path / "photo_ranker" / "records.py"
    text = records.read_text("utf-8")
    assert text.count('\nDEFAULT_ENGINE = "sface"\n') == 1
    records.write_text(text.replace('\nDEFAULT_ENGINE = "sface"\n', '\nDEFAULT_ENGINE = "buffalo_l"\n'), "utf-8")
    old = text_of({"a.jpg": MEASURED}).replace(b'"engine":"sface"', b"").replace(b",}", b"}")
    assert b"sface" not in old
    (tmp_path / "old.json").write_bytes(old)
    code = (
        "from pathlib import Path; from photo_ranker.metadata.document import read_records\n"
        "from photo_ranker.analysis import part_name; from photo_ranker.analysis import AnalyserSpec\n"
        "(face,) = read_records(Path('old.json').read_bytes())['a.jpg'].faces\n"
        "print(AnalyserSpec().engine, face.engine, part_name('detect', 'sface'), part_name('detect', 'buffalo_l'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["buffalo_l", "sface", "detect", "detect:buffalo_l"]


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(NewerSchema, match="schema 2"):
        read_records(b'{"schema": 2, "photos": {}}')
    with pytest.raises(NewerSchema, match="schema 2"):
        read_records(b'{"schema": 2, "albums": []}')


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\0" * 100,
        b'{"schema": 1, "photos": ' + b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"photos": {}}',
        b'{"schema": 1}',
        b'{"schema": "1", "photos": {}}',
        b"\xff{}",
    ],
    ids=len,
)
def test_what_is_no_metadata_is_damaged(text: bytes) -> None:
    with pytest.raises(Damaged):
        read_records(text)


@given(st.integers(0), st.integers(0, 7))
def test_a_flipped_bit_never_raises_anything_else(place: int, bit: int) -> None:
    text = bytearray(text_of({"a.jpg": FULL, "b.jpg": a_record()}))
    text[place % len(text)] ^= 1 << bit
    try:
        records = read_records(bytes(text))
    except (Damaged, NewerSchema):
        return
    assert all(isinstance(record, PhotoRecord) for record in records.values())


@given(st.integers(0))
def test_a_cut_file_is_damaged(length: int) -> None:
    text = text_of({"a.jpg": FULL}).rstrip()
    with pytest.raises(Damaged):
        read_records(text[: length % len(text)])


def with_foreign_keys(record: PhotoRecord) -> msgspec.Raw:
    values = json.loads(msgspec.json.encode(record))
    values["rating"] = 5
    values["faces"][0]["mood"] = "fine"
    values["faces"][0]["mesh"]["tongue"] = 0.5
    values["picture"]["horizon"] = 1.5
    return msgspec.Raw(json.dumps(values).encode())


MEASURED = msgspec.json.decode(
    b'{"stamp":{"size":1,"mtime_ns":1,"hash":"00"},"picture":{"sharpness":0.5},"faces":[{"id":"f1","box":[1,2,3,4],'
    b'"points":[[1,1],[1,1],[1,1],[1,1],[1,1]],"detection":0.9,'
    b'"mesh":{"presence":1,"yaw":0,"pitch":0,"roll":0,"expressions":""}}]}',
    type=PhotoRecord,
)


@pytest.mark.parametrize("stored", [True, False])
def test_unknown_keys_survive_at_every_level(stored: bool) -> None:
    old = with_foreign_keys(MEASURED)
    if not stored:
        old = msgspec.Raw(bytes(old).replace(b', "engine": "sface"', b""))  # as older versions wrote it
    again = json.loads(bytes(encode_record(msgspec.structs.replace(MEASURED, taken_at="2024-01-01"), over=old)))
    assert again["taken_at"] == "2024-01-01"
    assert again["rating"] == 5
    assert again["faces"][0]["mood"] == "fine"
    assert again["faces"][0]["mesh"]["tongue"] == 0.5
    assert again["picture"]["horizon"] == 1.5


def test_of_another_picture_only_what_stands_beside_the_facts_survives() -> None:
    edited = msgspec.structs.replace(MEASURED, stamp=msgspec.structs.replace(MEASURED.stamp, hash="01"))
    again = json.loads(bytes(encode_record(edited, over=with_foreign_keys(MEASURED))))
    assert again["rating"] == 5
    assert "mood" not in again["faces"][0]
    assert "horizon" not in again["picture"]


def test_unknown_keys_of_any_struct_survive_at_every_level() -> None:
    """Of a photo as of anything else that is kept, though nothing says that the picture is the same."""
    old = json.loads(bytes(with_foreign_keys(MEASURED)))
    again = keep_unknown_of(PhotoRecord, old, json.loads(bytes(encode_record(MEASURED))))
    assert (again["rating"], again["faces"][0]["mood"], again["picture"]["horizon"]) == (5, "fine", 1.5)


def test_another_text_of_a_record_gives_its_unknown_keys() -> None:
    plain = encode_record(FULL)
    foreign = msgspec.Raw(json.dumps(json.loads(bytes(plain)) | {"rating": 5}).encode())
    assert json.loads(bytes(with_unknown_of(foreign, plain)))["rating"] == 5
    assert with_unknown_of(plain, foreign) is foreign
    assert with_unknown_of(encode_record(FULL), plain) is plain


@pytest.mark.parametrize(("revision", "counted"), [(7, 7), ('"seven"', 0), (1.5, 0), ("null", 0)])
def test_a_revision_of_another_kind_counts_as_none(revision: object, counted: int) -> None:
    assert read_document(f'{{"schema":1,"photos":{{}},"revision":{revision}}}'.encode())[1] == counted


def test_unknown_keys_beside_the_photos_survive() -> None:
    beside, photos = split_document(b'{"schema": 1, "photos": {}, "library": {"a": [1]}}')
    assert json.loads(join_document(beside, photos))["library"] == {"a": [1]}


NAMES = st.binary(min_size=1, max_size=255).map(lambda name: os.fsdecode(name.replace(b"/", b"").replace(b"\0", b"")))


@given(NAMES)
def test_every_name_comes_back(name: str) -> None:
    assert from_key(to_key(name)) == name
    to_key(name).encode("utf-8")


@given(st.sets(NAMES))
def test_no_two_names_share_a_key(names: set[str]) -> None:
    assert len({to_key(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["IMG_1.jpg", "Größe 女.jpg", "a\nb.jpg", "e\u0301.jpg", "\u00e9.jpg", "x" * 255])
def test_ordinary_names_are_their_own_keys(name: str) -> None:
    assert to_key(name) == name


def test_a_byte_that_is_no_text_is_written_as_a_slash_and_its_code() -> None:
    assert to_key(os.fsdecode(b"caf\xe9.jpg")) == "caf/dce9.jpg"


def test_windows_lone_surrogates_come_back() -> None:
    assert from_key(to_key("a\ud83d.jpg")) == "a\ud83d.jpg"


def test_each_record_can_be_read_from_its_place_in_the_file() -> None:
    photos = {"a.jpg": FULL, 'b "1".jpg': a_record(), os.fsdecode(b"\xff.jpg"): a_record(unreadable="empty file")}
    photos |= {"c.jpg": a_record()}  # the same text as another record
    text = text_of(photos)
    places = list(places_in(text))
    assert [name for name, _, _ in places] == list(read_records(text))
    assert [decode_entry(text[at : at + length]) for _, at, length in places] == list(read_records(text).items())


def test_a_record_that_somebody_has_laid_out_anew_is_found_too() -> None:
    """With spaces, and keys written in another way than ours."""
    photos = {"a.jpg": FULL, "\u00e9.jpg": a_record(FULL.faces[0], hash="11"), "z.jpg": a_record()}
    text = json.dumps(json.loads(text_of(photos)), indent=1).encode()
    assert b"\\u00e9.jpg" in text
    places = list(places_in(text))
    assert [decode_entry(text[at : at + length]) for _, at, length in places] == list(read_records(text).items())


@pytest.mark.parametrize(
    ("lengths", "are_fine"), [((256, 256), True), ((256, 254), False), ((0,), False), ((255,), False), ((), True)]
)
def test_embeddings_of_one_engine_are_of_one_length(lengths: tuple[int, ...], are_fine: bool) -> None:
    others = [a_face("f9", embedding=bytes(1024), engine="buffalo_l"), a_face("f8")]
    faces = [a_face(f"f{number}", embedding=bytes(length)) for number, length in enumerate(lengths)]
    records = {f"{face.id}.jpg": a_record(face) for face in [*faces, *others]}
    with nullcontext() if are_fine else pytest.raises(Damaged, match="one length"):
        check_details(records)
