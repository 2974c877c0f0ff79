from __future__ import annotations

import hashlib
import zipfile
from importlib.resources import files

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image

from photo_ranker.errors import ModelUnavailable
from photo_ranker.models import DetectedFace, Engine, EngineOptions, FaceMesh
from photo_ranker.models.engines import engine_keys
from photo_ranker.models.mesh import (
    EXPRESSIONS,
    FILE,
    MAP_CHANNELS,
    MAP_SIDES,
    POINTS_MODEL,
    WEIGHTS,
    seen_directly,
    windows,
    with_inner_maps,
)
from photo_ranker.models.sessions import LiteModel
from photo_ranker.models.store import model_path
from pictures import picture, scaled

LEFT_PUPIL, RIGHT_PUPIL, NOSE, CHIN, FOREHEAD = 468, 473, 4, 152, 10
"""Points of the mesh; left and right as one sees them in the picture."""

PUPILS = [((87, 328), (129, 309)), ((292, 210), (322, 195)), ((489, 320), (537, 331))]
"""Of the three people on the left in t1.jpg, marked by hand."""


def meshes(engine: Engine, pixels: NDArray[np.uint8]) -> list[FaceMesh]:
    """Of all faces, from left to right."""
    faces = sorted(engine.detector.detect(pixels), key=lambda face: face.box[0])
    found = engine.mesher.measure(pixels, faces)
    assert None not in found
    return [mesh for mesh in found if mesh]


def values(found: list[FaceMesh], name: str) -> list[float]:
    """Mean of both sides."""
    sides = [EXPRESSIONS.index(f"{name}{side}") for side in ("Left", "Right")]
    return [float(mesh.expressions[sides].mean()) for mesh in found]


def a_face(x: float, y: float, size: float) -> DetectedFace:
    eyes_nose_mouth = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    one, two, three, four, five = ((x + px * size, y + py * size) for px, py in eyes_nose_mouth)
    return DetectedFace((x, y, size, size), (one, two, three, four, five), 0.9)


def test_the_expressions_have_their_names() -> None:
    assert len(EXPRESSIONS) == len(set(EXPRESSIONS)) == 52
    wanted = {9: "eyeBlinkLeft", 10: "eyeBlinkRight", 44: "mouthSmileLeft", 45: "mouthSmileRight"}
    assert {number: EXPRESSIONS[number] for number in wanted} == wanted


def test_a_mesh_has_its_shape_and_its_ranges(engine: Engine) -> None:
    for mesh in meshes(engine, picture("t1.jpg")):
        assert mesh.points.shape == (478, 3)
        assert mesh.points.dtype == mesh.expressions.dtype == np.float32
        assert mesh.expressions.shape == (52,)
        assert mesh.expressions.min() >= 0
        assert mesh.expressions.max() <= 1
        assert mesh.presence > 0.99


def test_the_pupils_lie_in_the_eyes(engine: Engine) -> None:
    for mesh, pupils in zip(meshes(engine, picture("t1.jpg")), PUPILS, strict=False):
        assert np.abs(mesh.points[[LEFT_PUPIL, RIGHT_PUPIL], :2] - pupils).max() < 4


def test_who_smiles_at_the_table(engine: Engine) -> None:
    smiles = values(meshes(engine, picture("t1.jpg")), "mouthSmile")
    assert [smile > 0.5 for smile in smiles] == [False, False, True, True, False, True]
    assert min(smiles[number] for number in (2, 3, 5)) > 0.7
    assert max(smiles[number] for number in (0, 1, 4)) < 0.2


def test_whose_eyes_are_open(engine: Engine) -> None:
    """Two look down at their cards, one laughs, three look up."""
    lids = values(meshes(engine, picture("t1.jpg")), "eyeBlink")
    assert max(lids[number] for number in (1, 2, 4)) < 0.25 < min(lids[number] for number in (0, 5)) - 0.2
    assert values(meshes(engine, picture("astronaut.png")), "eyeBlink")[0] < 0.1


def test_the_nose_is_nearer_than_the_rest(engine: Engine) -> None:
    for mesh in (*meshes(engine, picture("astronaut.png")), meshes(engine, picture("t1.jpg"))[5]):
        assert mesh.points[NOSE, 2] < mesh.points[[CHIN, LEFT_PUPIL, RIGHT_PUPIL], 2].min()


def test_points_grow_with_the_picture_and_expressions_stay(engine: Engine) -> None:
    (usual,), (large,) = meshes(engine, picture("astronaut.png")), meshes(engine, scaled(picture("astronaut.png"), 3))
    assert np.abs(large.points / 3 - usual.points).max() < 3
    assert np.abs(large.expressions - usual.expressions).max() < 0.15


@pytest.mark.parametrize("degrees", [-35, 35])
def test_a_tilted_head_has_the_same_expression(engine: Engine, degrees: int) -> None:
    tilted = np.array(Image.fromarray(picture("astronaut.png")).rotate(degrees, Image.Resampling.BICUBIC))
    (mesh,) = meshes(engine, tilted)
    assert mesh.presence > 0.99
    assert values([mesh], "mouthSmile")[0] > 0.8
    assert values([mesh], "eyeBlink")[0] < 0.15
    across, down = (mesh.points[RIGHT_PUPIL] - mesh.points[LEFT_PUPIL])[:2]
    assert np.degrees(np.arctan2(down, across)) == pytest.approx(-degrees, abs=5)


def test_a_box_that_moves_a_little_hardly_changes_what_is_measured(engine: Engine) -> None:
    """The first view alone varies by 0.0075 in the mean expression here, and by 0.058 in the look."""
    pixels = picture("astronaut.png")
    (face,) = engine.detector.detect(pixels)
    x, y, width, height = face.box
    steps = [(0, 0, 0), (2, 0, 0), (-2, 1, 2), (0, 2, -2), (1, -2, 3)]
    moved = [replace(face, box=(x + dx, y + dy, width + wider, height + wider)) for dx, dy, wider in steps]
    found = [mesh for mesh in engine.mesher.measure(pixels, moved) if mesh and mesh.look is not None]
    assert len(found) == len(steps)
    assert np.std([mesh.expressions for mesh in found], axis=0).mean() < 0.005
    assert np.std([float(mesh.look[0]) for mesh in found if mesh.look is not None]) < 0.045


def test_a_face_in_a_mirror_has_the_mirrored_mesh(engine: Engine) -> None:
    pixels = picture("astronaut.png")
    (mesh,), (mirrored,) = meshes(engine, pixels), meshes(engine, np.ascontiguousarray(pixels[:, ::-1]))
    back = seen_directly(mirrored.points, pixels.shape[1])
    assert np.abs(back - mesh.points)[:, :2].max() < 5
    assert seen_directly(back, pixels.shape[1]) == pytest.approx(mirrored.points)


def test_a_piece_of_cloth_has_no_face(engine: Engine) -> None:
    cloth = picture("mask_blue.jpg")
    (mesh,) = engine.mesher.measure(cloth, [a_face(200, 50, 200)])
    assert mesh
    assert mesh.presence < 0.1


def test_what_lies_outside_the_picture_has_no_mesh(engine: Engine) -> None:
    faces = [a_face(-300, 10, 100), a_face(178, 63, 100), a_face(100, 2000, 100), a_face(50, 50, 1)]
    found = engine.mesher.measure(picture("astronaut.png"), faces)
    assert [mesh is None for mesh in found] == [True, False, True, True]


def test_a_face_at_the_edge_has_a_mesh(engine: Engine) -> None:
    cut = np.ascontiguousarray(picture("astronaut.png")[70:, 190:])
    (mesh,) = meshes(engine, cut)
    assert mesh.points[FOREHEAD, 1] < 10
    assert np.abs(mesh.points[[LEFT_PUPIL, RIGHT_PUPIL], :2] - [(13, 31), (56, 33)]).max() < 5


SHA256 = (
    "14e5174b903687e50da70e3e78be70e6c4a660ba162bcd9712b6a81854635e6f",
    "49daef0fa78ef45c7cac1d893ed5c1665b5c6bc4d0f43a4081a32550b7945fb5",
)
"""Of the weights. New weights measure otherwise: they get a new name, which is in the key of the part."""


def published() -> bytes:
    with zipfile.ZipFile(model_path(FILE)) as pack:
        return pack.read(POINTS_MODEL)


def test_the_inner_maps_come_beside_the_same_points() -> None:
    seen = np.divide(picture("astronaut.png")[None, :256, 96:352], 255, dtype=np.float32)
    before, after = (LiteModel(model, 1).run(seen) for model in (published(), with_inner_maps(published())))
    maps = after[len(before) :]
    for one, other in zip(before, after[: len(before)], strict=True):
        np.testing.assert_array_equal(one, other)
    assert [one.shape for one in maps] == [(1, side, side, MAP_CHANNELS) for side in MAP_SIDES]
    assert all(one.std() > 0 for one in maps)


def test_another_model_is_refused() -> None:
    changed = bytearray(published())
    changed[-1] ^= 1
    with pytest.raises(ModelUnavailable):
        with_inner_maps(bytes(changed))


def test_a_window_is_every_second_place_and_what_follows_it() -> None:
    maps = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    assert windows(maps)[0].tolist() == [
        [0, 1, 2, 4, 5, 6, 8, 9, 10],
        [2, 3, 0, 6, 7, 0, 10, 11, 0],
        [8, 9, 10, 12, 13, 14, 0, 0, 0],
        [10, 11, 0, 14, 15, 0, 0, 0, 0],
    ]


def test_a_smile_at_the_camera_is_preferred_to_a_closed_mouth_in_a_blurred_face(engine: Engine) -> None:
    import cv2

    pixels = picture("astronaut.png")
    (face,) = engine.detector.detect(pixels)
    blurred = np.ascontiguousarray(cv2.GaussianBlur(pixels, (0, 0), 6))
    sharp, soft = (engine.mesher.measure(picture_, [face])[0] for picture_ in (pixels, blurred))
    assert sharp is not None
    assert soft is not None
    assert sharp.look is not None
    assert soft.look is not None
    assert sharp.look.shape == (len(WEIGHTS),)
    assert sharp.look[0] > soft.look[0]


def test_a_hand_before_the_mouth_is_seen(engine: Engine) -> None:
    import cv2

    pixels = picture("astronaut.png").copy()
    (face,) = engine.detector.detect(pixels)
    open_face = engine.mesher.measure(pixels, [face])[0]
    x, y, width, height = (round(value) for value in face.box)
    skin = tuple(int(value) for value in pixels[y + height // 3, x + width // 3])
    cv2.ellipse(pixels, (x + width // 2, y + height * 3 // 4), (width // 2, height // 4), 0, 0, 360, skin, -1)
    covered = engine.mesher.measure(pixels, [face])[0]
    assert open_face is not None
    assert covered is not None
    assert open_face.look is not None
    assert covered.look is not None
    assert open_face.look[1] < 0 < covered.look[1]


@pytest.mark.parametrize(("name", "sha256"), list(zip(WEIGHTS, SHA256, strict=True)))
def test_new_weights_have_a_new_name(name: str, sha256: str) -> None:
    stored = files("photo_ranker.models").joinpath(name).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == sha256
    assert name.removesuffix(".npz") in engine_keys("sface", EngineOptions(1024, 0.5)).look
