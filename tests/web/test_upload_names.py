"""Two cameras count alike: what comes into a session under one name, and stays two photos."""

from __future__ import annotations

import asyncio
import errno
import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from photo_ranker.errors import FileRefused
from photo_ranker.web import UploadLimits
from photo_ranker.web.problems import Conflict, NotHere
from photo_ranker.web.unpacking import Unpacked, unpack
from photo_ranker.web.upload_names import SAMPLE_BYTES, free_names, named_folder, sample_of, settle, sha256_of_file
from photo_ranker.web.uploads import Inbox, Offer, mark_unpacked

NAME = "DCIM/IMG_0001.jpg"
ANNAS, BENS = b"photo of Anna", b"photo of Ben."


def a_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unpacked(tmp_path: Path, files: dict[str, bytes]) -> Unpacked:
    return unpack(a_zip(tmp_path / "a.zip", files), tmp_path / "photos", UploadLimits(), lambda *_: None)


def there(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    (tmp_path / "photos").mkdir()
    return Inbox(tmp_path / "photos", tmp_path / "archives", UploadLimits())


def offer(tmp_path: Path, data: bytes, name: str = NAME, *, digest: bool = True) -> Offer:
    path = tmp_path / "camera"
    path.write_bytes(data)
    return Offer(name, len(data), sample_of(path), sha256_of_file(path) if digest else "")


def receive(inbox: Inbox, offered: Offer, data: bytes, offset: int = 0) -> Path | None:
    async def pieces() -> AsyncIterator[bytes]:
        yield data

    return asyncio.run(inbox.receive(offered, offset, pieces()))


def test_archives_of_two_cameras_lose_nothing(tmp_path: Path) -> None:
    for data in (ANNAS, BENS):
        assert unpacked(tmp_path, {NAME: data}).photos == 1
    assert there(tmp_path / "photos") == {NAME: ANNAS, "DCIM/IMG_0001_2.jpg": BENS}
    for data in (ANNAS, BENS):
        again = unpacked(tmp_path, {NAME: data})
        assert (again.photos, again.already_there) == (0, 1)
    assert len(there(tmp_path / "photos")) == 2


def test_what_belongs_to_a_photo_follows_it(tmp_path: Path) -> None:
    unpacked(tmp_path, {"IMG_1.jpg": ANNAS})
    unpacked(tmp_path, {"IMG_1.jpg": BENS, "IMG_1.CR2": b"raw", "IMG_1.jpg.xmp": b"stars", "IMG_2.jpg": b"other"})
    assert set(there(tmp_path / "photos")) == {
        "IMG_1.jpg",
        "IMG_1_2.jpg",
        "IMG_1_2.CR2",
        "IMG_1_2.jpg.xmp",
        "IMG_2.jpg",
    }


def test_one_archive_with_two_photos_of_one_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a.jpg", ANNAS)
        for data in (BENS, ANNAS):
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr("a.jpg", data)
    unpack(tmp_path / "twice.zip", tmp_path / "photos", UploadLimits(), lambda *_: None)
    assert there(tmp_path / "photos") == {"a.jpg": ANNAS, "a_2.jpg": BENS}


@pytest.mark.parametrize("second", [BENS, BENS + b" And Carl."])
def test_uploads_of_two_cameras_lose_nothing(tmp_path: Path, inbox: Inbox, second: bytes) -> None:
    for data in (ANNAS, second, ANNAS, second):
        assert receive(inbox, Offer(NAME, len(data)), data) is not None
    assert there(tmp_path / "photos") == {NAME: ANNAS, "DCIM/IMG_0001_2.jpg": second}


def test_the_answer_knows_the_name_that_was_chosen(tmp_path: Path, inbox: Inbox) -> None:
    receive(inbox, offer(tmp_path, ANNAS), ANNAS)
    bens = offer(tmp_path, BENS)
    (asked,) = inbox.standing([bens])
    assert (asked.name, asked.have, asked.send_as) == (NAME, 0, "DCIM/IMG_0001_2.jpg")
    sent = Offer(asked.send_as, bens.size, bens.sample, bens.digest)
    assert receive(inbox, sent, BENS[:5]) is None
    assert [(one.have, one.send_as) for one in inbox.standing([bens])] == [(5, asked.send_as)]
    assert receive(inbox, sent, BENS[5:], 5) == tmp_path / "photos" / asked.send_as
    assert [(one.have, one.send_as) for one in inbox.standing([bens])] == [(len(BENS), asked.send_as)]
    assert inbox.standing([offer(tmp_path, ANNAS)])[0].send_as == NAME
    assert there(tmp_path / "photos") == {NAME: ANNAS, asked.send_as: BENS}


def test_a_sidecar_is_sent_under_the_name_of_its_photo(tmp_path: Path, inbox: Inbox) -> None:
    receive(inbox, offer(tmp_path, ANNAS), ANNAS)
    asked = inbox.standing([offer(tmp_path, BENS), offer(tmp_path, b"stars", "DCIM/IMG_0001.xmp")])
    assert [one.send_as for one in asked] == ["DCIM/IMG_0001_2.jpg", "DCIM/IMG_0001_2.xmp"]


def test_photos_of_one_name_are_told_apart_in_one_question(tmp_path: Path, inbox: Inbox) -> None:
    offers = [offer(tmp_path, ANNAS), offer(tmp_path, BENS), offer(tmp_path, b"stars", "DCIM/IMG_0001.xmp")]
    for have in ([0, 0, 0], [offered.size for offered in offers]):
        asked = inbox.standing(offers)
        assert [one.have for one in asked] == have
        assert [one.send_as for one in asked] == [NAME, "DCIM/IMG_0001_2.jpg", "DCIM/IMG_0001_2.xmp"]
        for one, offered, data in zip(asked, offers, (ANNAS, BENS, b"stars"), strict=True):
            if not one.have:
                receive(inbox, Offer(one.send_as, offered.size, offered.sample, offered.digest), data)


def test_the_rest_of_one_photo_never_goes_behind_the_beginning_of_another(tmp_path: Path, inbox: Inbox) -> None:
    annas, bens = offer(tmp_path, ANNAS), offer(tmp_path, BENS)
    assert receive(inbox, annas, ANNAS[:5]) is None
    assert [inbox.standing([one])[0].have for one in (bens, annas)] == [0, 5]
    receive(inbox, bens, BENS)
    receive(inbox, annas, ANNAS[5:], 5)
    assert sorted(there(tmp_path / "photos").values()) == sorted([ANNAS, BENS])


def test_another_archive_of_the_name_and_size_is_not_taken_for_one_that_was_unpacked(
    tmp_path: Path, inbox: Inbox
) -> None:
    first = offer(tmp_path, ANNAS, "all.zip")
    archive = receive(inbox, first, ANNAS)
    assert archive is not None
    mark_unpacked(archive)
    asked = inbox.standing([first]) + inbox.standing([offer(tmp_path, BENS, "all.zip")])
    assert [one.have for one in asked] == [len(ANNAS), 0]


def test_a_link_or_folder_in_the_place_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(ANNAS)
    (tmp_path / "a.jpg").symlink_to(outside)
    (tmp_path / "a_2.jpg").mkdir()
    part = tmp_path / "a.jpg.part"
    part.write_bytes(ANNAS)
    assert settle(part, tmp_path / "a.jpg") == (tmp_path / "a_3.jpg", True)
    assert free_names([(tmp_path / "a.jpg", "")], lambda *_: False) == [tmp_path / "a_4.jpg"]
    assert outside.read_bytes() == ANNAS


@pytest.mark.parametrize(("changed", "is_told"), [(0, True), (50_000, True), (99_999, True), (30_000, False)])
def test_a_sample_looks_at_the_beginning_the_middle_and_the_end(tmp_path: Path, changed: int, *, is_told: bool) -> None:
    data = bytearray(100_000)
    (tmp_path / "a").write_bytes(data)
    data[changed] = 1
    (tmp_path / "b").write_bytes(data)
    assert (sample_of(tmp_path / "a") != sample_of(tmp_path / "b")) is is_told


def test_a_failing_disk_leaves_no_empty_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    part = tmp_path / "a.jpg.part"
    part.write_bytes(ANNAS)
    with monkeypatch.context() as failing:
        for name in ("link", "replace", "rename"):
            failing.setattr(os, name, fail)
        with pytest.raises(OSError, match="Input/output"):
            settle(part, tmp_path / "a.jpg")
    assert there(tmp_path) == {"a.jpg.part": ANNAS}
    assert settle(part, tmp_path / "a.jpg") == (tmp_path / "a.jpg", True)
    assert there(tmp_path) == {"a.jpg": ANNAS}


def scans() -> tuple[bytes, bytes]:
    """Two files that differ where no sample looks."""
    size = 10 * SAMPLE_BYTES
    first, second = bytearray(size), bytearray(size)
    second[2 * SAMPLE_BYTES] = 1
    return bytes(first), bytes(second)


def test_two_scans_whose_samples_agree_are_both_taken(tmp_path: Path, inbox: Inbox) -> None:
    first, second = scans()
    one, two = (offer(tmp_path, data, "scan.tif", digest=False) for data in (first, second))
    assert one == two
    receive(inbox, one, first)
    (asked,) = inbox.standing([two])
    assert (asked.have, asked.compare) == (0, True), "only their contents can tell"
    one, two = (offer(tmp_path, data, "scan.tif") for data in (first, second))
    (asked,) = inbox.standing([two])
    assert (asked.have, asked.compare, asked.send_as) == (0, False, "scan_2.tif")
    receive(inbox, Offer(asked.send_as, two.size, two.sample, two.digest), second)
    assert [(told.have, told.send_as) for told in inbox.standing([one]) + inbox.standing([two])] == [
        (len(first), "scan.tif"),
        (len(first), "scan_2.tif"),
    ]
    assert there(tmp_path / "photos") == {"scan.tif": first, "scan_2.tif": second}


def test_a_client_that_knows_no_digest_loses_no_scan_either(tmp_path: Path, inbox: Inbox) -> None:
    for data in scans():
        (asked,) = inbox.standing([offer(tmp_path, data, "scan.tif", digest=False)])
        receive(inbox, Offer(asked.send_as, len(data)), data)
    assert there(tmp_path / "photos") == dict(zip(("scan.tif", "scan_2.tif"), scans(), strict=True))


def test_the_rest_of_a_scan_does_not_go_behind_the_beginning_of_another(tmp_path: Path, inbox: Inbox) -> None:
    first, second = scans()
    half = len(first) // 2
    receive(inbox, offer(tmp_path, first, "scan.tif", digest=False), first[:half])
    (asked,) = inbox.standing([offer(tmp_path, second, "scan.tif", digest=False)])
    assert (asked.have, asked.compare) == (half, True)
    two = offer(tmp_path, second, "scan.tif")
    with pytest.raises(Conflict, match="belongs to two files"):
        receive(inbox, two, second[half:], half)
    assert there(tmp_path / "photos") == {}
    receive(inbox, two, second)
    assert there(tmp_path / "photos") == {"scan.tif": second}


def test_archives_whose_samples_agree_are_told_apart(tmp_path: Path, inbox: Inbox) -> None:
    first, second = scans()
    archive = receive(inbox, offer(tmp_path, first, "all.zip", digest=False), first)
    assert archive is not None
    mark_unpacked(archive)
    assert inbox.standing([offer(tmp_path, first, "all.zip", digest=False)])[0].compare
    asked = [inbox.standing([offer(tmp_path, data, "all.zip")])[0] for data in (first, second)]
    assert [(one.have, one.compare) for one in asked] == [(len(first), False), (0, False)]


def test_contents_are_compared_however_fast_files_come(tmp_path: Path) -> None:
    """The same name, size and time: a comparison that is remembered by these would be wrong."""
    target = tmp_path / "a.jpg"
    target.write_bytes(ANNAS)
    for data, name in ((ANNAS, "a.jpg"), (BENS, "a_2.jpg"), (ANNAS, "a.jpg")):
        part = tmp_path / "a.jpg.part"
        part.write_bytes(data)
        os.utime(part, ns=(0, 0))
        assert settle(part, target)[0].name == name


posix = pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")


@posix
@pytest.mark.timeout(20)
@pytest.mark.parametrize("plant", ["symlink_to", "hardlink_to", "mkfifo"])
def test_nothing_comes_in_through_what_was_planted_in_place_of_a_part(inbox: Inbox, tmp_path: Path, plant: str) -> None:
    offered, other = offer(tmp_path, ANNAS), tmp_path / "other.jpg"
    other.write_bytes(b"a photo")
    assert receive(inbox, offered, ANNAS[:3]) is None
    (part,) = (tmp_path / "photos" / "DCIM").iterdir()
    part.unlink()
    if plant == "mkfifo":
        os.mkfifo(part)
    else:
        getattr(part, plant)(other)
    with pytest.raises(FileRefused):
        receive(inbox, offered, ANNAS[3:], offset=3)
    assert other.read_bytes() == b"a photo"


def test_what_a_killed_run_has_left_goes_with_the_next_zip(tmp_path: Path) -> None:
    left = tmp_path / "photos" / "DCIM" / ".photo-ranker-abcd_123"
    left.parent.mkdir(parents=True)
    left.touch()
    os.utime(left, (0, 0))
    assert unpacked(tmp_path, {NAME: ANNAS}).photos == 1
    assert there(tmp_path / "photos") == {NAME: ANNAS}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are told by their names only there")
@pytest.mark.parametrize("way", ["upload", "zip"])
def test_a_photo_is_on_the_disk_before_it_has_its_name(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    synced, fsync, link, named = [], os.fsync, os.link, []

    def note_sync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    def note_link(part: Path, path: Path) -> None:
        named.append(str(part))
        assert str(part) in synced
        link(part, path)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "link", note_link)
    if way == "zip":
        unpacked(tmp_path, {NAME: ANNAS})
    else:
        receive(inbox, offer(tmp_path, ANNAS), ANNAS)
    assert len(named) == 1
    assert synced[-1] == str(tmp_path / "photos" / "DCIM")


def test_a_part_that_has_got_its_name_goes_with_the_next_server(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(ANNAS)
    os.link(photos / "a.jpg", photos / "a.jpg.13.part")
    (photos / "b.jpg.99.part").write_bytes(BENS)
    Inbox(photos, tmp_path / "archives", UploadLimits())
    assert there(photos) == {"a.jpg": ANNAS, "b.jpg.99.part": BENS}, "what is still to come is kept"


def test_a_part_that_has_got_its_name_goes_when_the_photo_is_asked_for(tmp_path: Path, inbox: Inbox) -> None:
    offered = offer(tmp_path, ANNAS)
    photo = receive(inbox, offered, ANNAS)
    assert photo is not None
    os.link(photo, photo.with_name(f"{photo.name}.{offered.size}-{offered.sample}.part"))
    assert inbox.standing([offered])[0].have == len(ANNAS)
    assert there(tmp_path / "photos") == {NAME: ANNAS}


def test_a_whole_part_of_a_killed_server_becomes_a_photo(tmp_path: Path, inbox: Inbox) -> None:
    offered = offer(tmp_path, ANNAS)
    receive(inbox, offered, ANNAS[:3])
    (part,) = (tmp_path / "photos" / "DCIM").iterdir()
    part.write_bytes(ANNAS)
    (asked,) = inbox.standing([offered])
    assert asked.have == len(ANNAS) - 1, "only what is settled is whole"
    receive(inbox, offered, ANNAS[asked.have :], asked.have)
    assert there(tmp_path / "photos") == {NAME: ANNAS}


@pytest.mark.parametrize("may_be_new", [False, True])
def test_a_folder_without_its_path_is_named_as_it_was_typed(*, may_be_new: bool) -> None:
    with pytest.raises(NotHere, match=r"there is no folder Hochzeit$"):
        named_folder("Hochzeit", may_be_new=may_be_new)
