from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from builders import a_face, a_record
from exporters.xmp.sidecar_files import DIGIKAM, LIGHTROOM
from photo_ranker.errors import UserError
from photo_ranker.exporters.xmp import Change, Facts, apply, facts_of, plan_removal, plan_sidecar, stars
from photo_ranker.exporters.xmp.document import content, parse
from photo_ranker.settings import Settings

FACTS = Facts(rating=4, people=("Anna",))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a photo")
    return path


def test_both_names_are_written_and_read(photo: Path) -> None:
    full, stem = photo.with_name("a.jpg.xmp"), photo.with_name("a.xmp")
    assert plan_sidecar(photo, (), FACTS).path == full
    assert plan_sidecar(photo, (), FACTS, "stem").path == stem
    stem.write_text(DIGIKAM, "utf-8")
    assert plan_sidecar(photo, ("a.xmp",), FACTS).path == stem, "the one that is there"
    full.write_text(DIGIKAM, "utf-8")
    assert plan_sidecar(photo, ("a.jpg.xmp", "a.xmp"), FACTS).path == full
    assert plan_sidecar(photo, ("a.jpg.xmp", "a.xmp"), FACTS, "stem").path == stem


def test_a_rating_in_the_other_sidecar_is_the_users_too(photo: Path) -> None:
    photo.with_name("a.jpg.xmp").write_text(DIGIKAM.replace("xmp:Rating", "xmp:Nothing"), "utf-8")
    photo.with_name("a.xmp").write_text(DIGIKAM, "utf-8")
    after = plan_sidecar(photo, ("a.jpg.xmp", "a.xmp"), FACTS).after
    assert after is not None
    assert b"xmp:Rating=" not in after


@pytest.mark.parametrize("name", ["a_01.jpg.xmp", "A_12.CR2.XMP"])
def test_the_sidecar_of_a_further_edit_is_left_alone(photo: Path, name: str) -> None:
    photo.with_name(name).write_text(LIGHTROOM, "utf-8")
    change = plan_sidecar(photo, (name,), FACTS)
    assert change.path == photo.with_name("a.jpg.xmp")
    assert b'Rating="4"' in (change.after or b""), "the stars of an edit are not those of the photo"
    assert not plan_removal(photo, (name,))


def test_a_photo_may_be_called_like_a_further_edit(photo: Path) -> None:
    photo = photo.rename(photo.with_name("a_01.jpg"))
    photo.with_name("a_01.jpg.xmp").write_text(LIGHTROOM, "utf-8")
    assert plan_sidecar(photo, ("a_01.jpg.xmp",), FACTS).before


def test_the_sidecar_of_another_photo_with_the_same_stem_is_left_alone(photo: Path) -> None:
    photo.with_name("a.xmp").write_text(DIGIKAM, "utf-8")  # it belongs to a.png, say the records
    assert plan_sidecar(photo, (), FACTS, "stem").path == photo.with_name("a.jpg.xmp")
    assert plan_removal(photo, ()) == []


def test_writing_and_removing(photo: Path) -> None:
    change = plan_sidecar(photo, (), FACTS)
    assert change.is_needed
    assert not change.path.exists(), "a plan changes nothing"
    apply(change)
    assert not plan_sidecar(photo, (), FACTS).is_needed
    (removal,) = plan_removal(photo, ())
    apply(removal)
    assert [path.name for path in photo.parent.iterdir()] == ["a.jpg"]
    assert plan_removal(photo, ()) == []


def test_a_sidecar_keeps_its_mode(photo: Path) -> None:
    sidecar = photo.with_name("a.jpg.xmp")
    sidecar.write_text(DIGIKAM, "utf-8")
    sidecar.chmod(0o640)
    apply(plan_sidecar(photo, ("a.jpg.xmp",), FACTS))
    assert sidecar.stat().st_mode & 0o777 == 0o640
    assert b"Anna" in sidecar.read_bytes()


def test_nothing_to_say_makes_no_file(photo: Path) -> None:
    assert not plan_sidecar(photo, (), Facts()).is_needed
    embedded = DIGIKAM[DIGIKAM.index("<x:") :].encode()
    assert not plan_sidecar(photo, (), Facts(rating=1), "full", embedded).is_needed, "rated in the photo itself"


def test_links_and_damaged_sidecars_are_left_as_they_are(photo: Path) -> None:
    sidecar, elsewhere = photo.with_name("a.jpg.xmp"), photo.with_name("elsewhere")
    elsewhere.write_text(DIGIKAM, "utf-8")
    sidecar.symlink_to(elsewhere)
    assert plan_sidecar(photo, ("a.jpg.xmp",), FACTS).problem == "it is a link"
    sidecar.unlink()
    sidecar.write_text(DIGIKAM[:-50], "utf-8")
    change = plan_sidecar(photo, ("a.jpg.xmp",), FACTS)
    assert (change.problem or "").startswith("damaged")
    assert not change.is_needed


TOO_LONG = "Фото" * 31 + ".jpg"
"""252 bytes: a legal name, and no room for ``.xmp`` behind it."""


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("planted", ["link", "link to nowhere", "pipe", "folder"])
@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp"])
def test_what_is_no_plain_file_is_neither_read_nor_written(photo: Path, name: str, planted: str) -> None:
    elsewhere = photo.with_name("elsewhere")
    apply(plan_sidecar(photo, (), FACTS))
    photo.with_name("a.jpg.xmp").rename(elsewhere)
    before = elsewhere.read_bytes()
    sidecar = photo.with_name(name)
    if planted == "pipe":
        os.mkfifo(sidecar)
    elif planted == "folder":
        sidecar.mkdir()
    else:
        sidecar.symlink_to("elsewhere" if planted == "link" else "nowhere")
    change = plan_sidecar(photo, (name,), FACTS, "full" if name == "a.jpg.xmp" else "stem")
    assert change.problem in {"it is a link", "it is a pipe or a device", "it is a folder"}
    assert all(change.problem for change in plan_removal(photo, (name,)))
    assert elsewhere.read_bytes() == before
    assert not photo.with_name("nowhere").exists()


def test_a_name_too_long_for_a_sidecar_is_told_for_that_photo(photo: Path) -> None:
    long = photo.rename(photo.with_name(TOO_LONG))
    assert plan_sidecar(long, (), FACTS).problem == "its name is too long for a sidecar"
    assert plan_removal(long, ()) == [], "it can have none"
    change = plan_sidecar(long, (), FACTS, "stem")
    apply(change)
    assert change.path == long.with_suffix(".xmp")
    (removal,) = plan_removal(long, (change.path.name,))
    assert removal.is_needed


def test_the_longest_name_that_leaves_room_gets_its_sidecar(photo: Path) -> None:
    long = photo.rename(photo.with_name("x" * 247 + ".jpg"))
    apply(plan_sidecar(long, (), FACTS))
    assert long.with_name(f"{long.name}.xmp").exists()


def test_what_xml_forbids_is_written_nowhere(photo: Path) -> None:
    sidecar = photo.with_name("a.jpg.xmp")
    sidecar.write_text(LIGHTROOM, "utf-8")
    record = a_record(a_face("f1"))
    facts = facts_of(
        record, {"f1": "Anna\x02"}, label="Sel\x01\ufffeect", keywords=["\ud800\x00", "a\x1bb", "ab", "\U0001f600"]
    )
    assert (facts.people, facts.label, facts.keywords) == (("Anna",), "Select", ("ab", "\U0001f600"))
    assert facts_of(record, {"f1": " \x02"}, label="\x01").is_empty
    apply(plan_sidecar(photo, ("a.jpg.xmp",), facts))
    assert "Anna" in sidecar.read_text("utf-8")
    (removal,) = plan_removal(photo, ("a.jpg.xmp",))
    assert content(parse(removal.after or b"")) == content(parse(LIGHTROOM.encode()))


@pytest.mark.parametrize("before", [None, LIGHTROOM])
def test_nothing_unreadable_goes_over_a_sidecar(photo: Path, before: str | None) -> None:
    sidecar = photo.with_name("a.jpg.xmp")
    if before is not None:
        sidecar.write_text(before, "utf-8")
    change = plan_sidecar(photo, (), Facts(people=("Anna\x02",)))
    assert (change.problem or "").startswith("what was to be written is damaged")
    assert not change.is_needed


def test_a_damaged_sidecar_is_told_when_it_holds_ours(photo: Path) -> None:
    sidecar = photo.with_name("a.jpg.xmp")
    sidecar.write_text(DIGIKAM[:-50], "utf-8")
    assert plan_removal(photo, ()) == []
    sidecar.unlink()
    apply(plan_sidecar(photo, (), FACTS))
    sidecar.write_bytes(sidecar.read_bytes().replace(b"Anna", b"Anna\x02"))
    (change,) = plan_removal(photo, ())
    assert (change.problem or "").startswith("damaged")
    assert not change.is_needed


def test_another_program_at_the_same_time_is_not_overwritten(photo: Path) -> None:
    new = plan_sidecar(photo, (), FACTS)
    new.path.write_text(DIGIKAM, "utf-8")
    with pytest.raises(UserError, match="changed by another program"):
        apply(new)
    old = plan_sidecar(photo, (), FACTS)
    new.path.write_text(DIGIKAM.replace("Lisbon", "Porto"), "utf-8")
    with pytest.raises(UserError, match="changed by another program"):
        apply(old)
    assert "Porto" in new.path.read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_said(photo: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        apply(plan_sidecar(photo.with_name("gone") / "a.jpg", (), FACTS))


def test_only_confirmed_names_and_only_faces_of_stills() -> None:
    record = a_record(a_face("f1", (0, 0, 400, 300)), a_face("f2"), a_face("f3", at_seconds=2.5))
    facts = facts_of(record, {"f1": "Anna\n B", "f3": "Carl", "other": "Dora"})
    assert facts.people == ("Anna B", "Carl")
    (face,) = facts.faces
    assert (face.name, face.stored) == ("Anna B", (0.0, 0.0, 0.1, 0.1))


def test_a_face_that_reaches_beyond_the_picture_is_cut() -> None:
    record = a_record(a_face("f1", (-100, 2900, 500, 300)))
    assert facts_of(record, {"f1": "Anna"}).faces[0].stored == (0.0, 0.966667, 0.1, 0.033333)


def test_stars() -> None:
    settings = Settings()
    assert [stars(score, settings) for score in (0.0, 0.4, 0.6, 0.8, 1.0)] == [1, 2, 3, 4, 5]


def test_a_change_that_is_none() -> None:
    change = Change(Path("a.xmp"), b"x", b"x")
    assert not change.is_needed
    assert msgspec.structs.replace(change, after=None).is_needed
