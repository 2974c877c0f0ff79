"""Finds the face or the photo that a user names: by id, by photo, or by photo and number from the left."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from photo_ranker.core.terminal import command, counted
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.album import AlbumPhoto
    from photo_ranker.people.faces import FaceTable

__all__ = ["find_face", "find_photo"]

LISTING = command("people", "show", "PERSON", "--photos", "DIR")
"""Command that shows which faces there are, as advice."""

SHOWN_PATHS = 8
"""Most paths in an error message."""


def find_face(word: str, table: FaceTable, among: Collection[str] | None = None) -> str:
    """The id of a face, given as such or as PHOTO or PHOTO#2 (its second face from the left).

    PHOTO is a path, or the end of one, such as the file's name. ``among`` are the faces that can be meant; a photo
    with only one of them needs no number, and of photos of one name those without them are not meant. A false face
    has a number too, since ``inspect`` shows it.
    """
    if word in table.places or word in table.false_faces:
        return word
    path, mark, digits = word.rpartition("#")
    number = int(digits) if mark and digits.isdecimal() else None
    path = word if number is None else path
    is_any = number is not None or among is not None
    photo = _photo_of(path, number, table.whole.photos if is_any else table.album.photos, among)
    faces = _from_the_left(photo)
    if number is not None:
        if not 1 <= number <= len(faces):
            raise UserError(f"{path} shows {len(faces)} faces, there is no number {number}", "they count from the left")
        return faces[number - 1]
    meant = _possible(faces, None, among)
    if not meant:
        raise UserError(f"{path} shows no such face", f"{LISTING} lists faces and photos")
    if len(meant) != 1:
        raise UserError(f"{path} shows {len(meant)} such faces", f"say which one: {path}#1 is the first from the left")
    return meant[0]


def find_photo(word: str, photos: Sequence[AlbumPhoto]) -> AlbumPhoto:
    """The photo of this path, else the only one whose path ends in it; copies of one photo are one."""
    found = _photos_named(word, photos)
    if not found:
        raise UserError(f"there is no photo {word} in the album", "give its path, or the end of it")
    if len({photo.record.stamp.hash for photo in found}) > 1:
        raise _several(word, found)
    return found[0]


def _several(path: str, found: Sequence[AlbumPhoto]) -> UserError:
    paths = [photo.path for photo in found]
    more = f" and {len(paths) - SHOWN_PATHS} more" if len(paths) > SHOWN_PATHS else ""
    return UserError(f"{path} may be {', '.join(paths[:SHOWN_PATHS])}{more}", "give the path of the one you mean")


def _photo_of(path: str, number: int | None, photos: Sequence[AlbumPhoto], among: Collection[str] | None) -> AlbumPhoto:
    """The photo of this path, else the one whose path ends in it and that shows a possible face."""
    found = _photos_named(path, photos)
    if not found:
        raise UserError(f"there is no face or photo {path} in the album", f"{LISTING} lists faces and photos")
    if len(found) == 1:
        return found[0]
    # Copies of a photo have the same faces, so any of them will do.
    left: dict[tuple[str, ...], AlbumPhoto] = {}
    for photo in found:
        if faces := _possible(_from_the_left(photo), number, among):
            left.setdefault(tuple(faces), photo)
    if not left:
        raise UserError(f"none of {counted(len(found), 'photo')} {path} shows such a face", f"{LISTING} lists faces")
    if len(left) > 1:
        raise _several(path, list(left.values()))
    return next(iter(left.values()))


def _photos_named(word: str, photos: Sequence[AlbumPhoto]) -> list[AlbumPhoto]:
    """The photo of this path, however it is written; else those whose path ends in it."""
    path, whole = PurePath(word), os.path.realpath(word)
    return (
        [photo for photo in photos if photo.path == word]
        or [photo for photo in photos if photo.name == path.name != word and os.path.realpath(photo.path) == whole]
        or [photo for photo in photos if path.name and PurePath(photo.path).parts[-len(path.parts) :] == path.parts]
    )


def _from_the_left(photo: AlbumPhoto) -> list[str]:
    return [face.id for face in sorted(photo.record.faces, key=lambda face: face.box[0])]


def _possible(faces: Sequence[str], number: int | None, among: Collection[str] | None) -> list[str]:
    """The faces that have this number, if one is given, and may be meant."""
    numbered = faces if number is None else faces[max(number - 1, 0) : number]
    return [face for face in numbered if among is None or face in among]
