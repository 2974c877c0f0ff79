"""The real insightface on toy models: loading, calling, conversion to our records, ranking, and what can go wrong.

Where real packs are found on the machine, they are tried on real photos.
"""

from __future__ import annotations

import gc
import json
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from card.conftest import REAL_PACKS, skip_without, use_real
from card.pictures_of_toys import draw_people, pixels_of
from card.toy_models import BOX, write_pack
from photo_ranker.cli import main
from photo_ranker.errors import ModelUnavailable
from photo_ranker.metadata import load
from photo_ranker.models import EngineOptions
from photo_ranker.models.align import align
from photo_ranker.models.engines import engine_keys, named_engine, open_engine
from photo_ranker.models.insightface_engine import ACCEPTED, files_in, our_certainty, their_certainty
from photo_ranker.models.sources import _reachable
from photo_ranker.models.store import sample_photo
from pictures import picture

skip_without("insightface")

pytestmark = [
    pytest.mark.card,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # insightface leaves its connections open
]

OPTIONS = EngineOptions(detect_side=1024, detect_threshold=0.6)
NO_PACK = pytest.param("none", marks=pytest.mark.skip(reason="no real pack of insightface is on this machine"))
SIZES = {"free": None, "fixed": 640}
Capture = pytest.CaptureFixture[str]


def photos_in(said: str) -> list[str]:
    return [Path(line).name for line in said.splitlines()]


def test_a_pack_finds_faces_and_knows_them(packs: Path, tmp_path: Path) -> None:
    write_pack(packs / "toy")
    engine = open_engine("toy", OPTIONS)
    photo = pixels_of(draw_people(tmp_path / "two.png", 1, 2))
    faces = sorted(engine.detector.detect(photo), key=lambda face: face.box[0])
    assert [face.box for face in faces] == [
        (156 - BOX[0], 252 - BOX[1], BOX[0] + BOX[2], BOX[1] + BOX[3]),
        (476 - BOX[0], 252 - BOX[1], BOX[0] + BOX[2], BOX[1] + BOX[3]),
    ]
    assert faces[0].points[0] == (126, 227)
    assert all(0.6 < face.score <= 1 for face in faces)
    rows = engine.embedder.embed(np.stack([align(photo, face.points) for face in [*faces, faces[0]]]))
    assert rows.shape == (3, engine.embedder.dimensions) == (3, 512)
    cosines = rows @ rows.T / np.outer(np.linalg.norm(rows, axis=1), np.linalg.norm(rows, axis=1))
    assert cosines[0, 2] == pytest.approx(1, abs=1e-5)
    assert cosines[0, 1] < 0.5
    assert not engine.tells_clarity


def test_more_faces_than_fit_into_one_call(packs: Path) -> None:
    write_pack(packs / "toy")
    crops = np.random.default_rng(0).integers(0, 255, (9, 112, 112, 3)).astype(np.uint8)
    embedder = open_engine("toy", OPTIONS).embedder
    one_by_one = np.concatenate([embedder.embed(crop[None]) for crop in crops])
    assert embedder.embed(crops) == pytest.approx(one_by_one, abs=1e-4)
    assert embedder.embed(crops[:0]).shape == (0, 512)


def test_models_of_one_size_and_one_face_at_a_time(packs: Path, tmp_path: Path) -> None:
    photo = pixels_of(draw_people(tmp_path / "two.png", 1, 2))
    free, fixed = (open_engine(write_pack(packs / name, side=side).name, OPTIONS) for name, side in SIZES.items())
    assert fixed.detector.detect(photo) == free.detector.detect(photo)
    crops = np.random.default_rng(0).integers(0, 255, (3, 112, 112, 3)).astype(np.uint8)
    assert fixed.embedder.embed(crops) == pytest.approx(free.embedder.embed(crops), abs=1e-4)


def test_a_picture_without_faces_has_none(packs: Path) -> None:
    write_pack(packs / "toy")
    assert open_engine("toy", OPTIONS).detector.detect(np.full((300, 40, 3), 90, np.uint8)) == []


def test_certainties_of_both_detectors_are_of_one_scale() -> None:
    assert our_certainty(0.5) == OPTIONS.detect_threshold
    assert their_certainty(our_certainty(0.73)) == pytest.approx(0.73)
    assert [our_certainty(end) for end in (0.0, 1.0)] == [0.0, 1.0]


def test_an_album_is_indexed_and_ranked_by_a_pack(packs: Path, album: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_pack(packs / "toy")
    assert main(["index", str(album), "--engine", "toy", "--workers", "2", "--json"]) == 0
    said = capfd.readouterr()
    assert json.loads(said.out)["counts"]["faces"] == 6
    records = load(album)
    (face,) = records["a1.png"].faces
    assert (face.engine, face.clarity) == ("toy", None)
    assert records["a1.png"].parts.keys() >= {"detect:toy", "embed:toy", "mesh:toy", "face:toy", "picture"}
    words = ["--engine", "toy", "--ref", str(album / "a1.png"), "--photos", str(album)]
    assert main(["rank", *words]) == 0
    assert set(photos_in(capfd.readouterr().out)) == {"a1.png", "a2.png", "both.png"}
    assert main(["rank", *words, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["engine"] == "toy"


def test_nothing_of_insightface_comes_out_on_stdout(
    packs: Path, album: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_pack(packs / "toy")
    assert main(["inspect", str(album / "a1.png"), "--engine", "toy", "--json"]) == 0
    said = capfd.readouterr()
    assert len(json.loads(said.out)["faces"]) == 1
    assert said.err == ""


def test_a_folder_anywhere_is_an_engine_by_its_name(
    tmp_path: Path, album: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pack = write_pack(tmp_path / "mine" / "own_pack")
    assert named_engine(str(pack)) == ("own_pack", str(pack))
    assert main(["index", str(album), "--engine", str(pack)]) == 0
    assert {face.engine for face in load(album)["both.png"].faces} == {"own_pack"}


def test_other_models_in_the_same_folder_are_another_measurement(packs: Path) -> None:
    write_pack(packs / "toy", seed=1)
    before = engine_keys("toy", OPTIONS)
    assert before == engine_keys("toy", OPTIONS)
    write_pack(packs / "toy", seed=2)
    assert before.embed != engine_keys("toy", OPTIONS).embed


def test_an_embedding_may_have_any_length(packs: Path) -> None:
    write_pack(packs / "short", dimensions=256)
    assert open_engine("short", OPTIONS).embedder.dimensions == 256


@pytest.mark.parametrize("name", ["w_toy.onnx", "det_toy.onnx"])
def test_half_a_pack_is_said_with_its_folder(packs: Path, name: str) -> None:
    (write_pack(packs / "toy") / name).unlink()
    with pytest.raises(ModelUnavailable) as raised:
        open_engine("toy", OPTIONS)
    assert str(packs / "toy") in raised.value.message


def test_a_damaged_model_is_said_with_its_folder(packs: Path) -> None:
    (write_pack(packs / "toy") / "det_toy.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelUnavailable, match="cannot be used") as raised:
        open_engine("toy", OPTIONS)
    assert str(packs / "toy") in raised.value.message


@pytest.mark.usefixtures("home")
def test_an_unknown_name_is_answered_with_those_there_are(album: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(album), "--engine", "eigenfaces"]) == 2
    said = capfd.readouterr().err
    assert said.startswith("error: there is no engine 'eigenfaces'\n")
    assert "buffalo_l" in said


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A web server in place of insightface's own, with a folder for what it gives."""
    from insightface.utils import storage

    served = tmp_path / "served"
    served.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(served)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(storage, "MODEL_ZOO_RELEASE_DOWNLOAD_URL", f"http://127.0.0.1:{server.server_port}/")
    _reachable.cache_clear()
    yield served
    server.shutdown()
    server.server_close()
    gc.collect()
    _reachable.cache_clear()


def zipped(pack: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w") as file:
        for path in files_in(pack):
            file.write(path, path.name)


def test_a_known_pack_is_downloaded_once_its_licence_is_accepted(
    release: Path, packs: Path, tmp_path: Path, album: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    zipped(write_pack(tmp_path / "pack"), release / "buffalo_s.zip")
    command = ["index", str(album), "--engine", "buffalo_s", "--json"]
    assert main(command) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "error: 'buffalo_s' has to be downloaded, and the models of insightface are for non-commercial research only",
        f"  if that is what you do, say --accept-license (or set {ACCEPTED}=1)",
    ]
    assert main([*command, "--accept-license"]) == 0
    said = capfd.readouterr()
    assert json.loads(said.out)["counts"]["faces"] == 6
    assert said.err.count("non-commercial research only") == 1
    assert len(files_in(packs / "buffalo_s")) == 2
    assert main(["rank", "--engine", "buffalo_s", "--ref", str(album / "b1.png"), "--photos", str(album)]) == 0
    said = capfd.readouterr()
    assert set(photos_in(said.out)) == {"b1.png", "b2.png", "both.png"}
    assert "fetching" not in said.err


def test_a_pack_put_there_by_hand_needs_one_word_on_its_licence(packs: Path, album: Path, capfd: Capture) -> None:
    write_pack(packs / "buffalo_l")
    for told in (1, 0):
        assert main(["inspect", str(album / "a1.png"), "--engine", "buffalo_l"]) == 0
        assert capfd.readouterr().err.count("buffalo_l: the models of insightface are for non-commercial") == told


def test_packs_are_listed_with_their_size_and_licence(packs: Path, capfd: Capture) -> None:
    write_pack(packs / "buffalo_s")
    write_pack(packs / "toy")
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)["packs"]
    assert [pack["name"] for pack in listed] == ["buffalo_s", "toy"]
    assert "non-commercial" in listed[0]["licence"]
    assert listed[0]["bytes"] == sum(path.stat().st_size for path in files_in(packs / "buffalo_s"))
    assert main(["models", "list"]) == 0
    assert "--engine toy (your own pack)" in capfd.readouterr().out


@pytest.mark.usefixtures("release")
def test_a_download_that_is_not_there_names_the_folder(packs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ACCEPTED, "1")
    with pytest.raises(ModelUnavailable, match="'buffalo_l' could not be downloaded: Failed downloading url") as raised:
        open_engine("buffalo_l", OPTIONS)
    assert raised.value.advice.endswith(f"put the ONNX files of buffalo_l into {packs / 'buffalo_l'} by hand")


def test_a_download_that_breaks_off_is_no_pack(
    release: Path, packs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ACCEPTED, "1")
    (release / "buffalo_l.zip").write_bytes(b"half of it")
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="damaged"):
            open_engine("buffalo_l", OPTIONS)
    zipped(write_pack(tmp_path / "pack"), release / "buffalo_l.zip")
    assert open_engine("buffalo_l", OPTIONS).name == "buffalo_l"


def test_a_machine_without_a_network_is_told_what_to_fill(
    packs: Path, album: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from insightface.utils import storage

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(storage, "MODEL_ZOO_RELEASE_DOWNLOAD_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv(ACCEPTED, "1")
    assert main(["index", str(album), "--engine", "antelopev2", "--quiet"]) == 2
    assert capfd.readouterr().err.splitlines() == [
        "error: 'antelopev2' could not be downloaded: http://127.0.0.1:9/antelopev2.zip cannot be reached",
        f"  connect to the internet, or put the ONNX files of antelopev2 into {packs / 'antelopev2'} by hand",
    ]


def test_a_download_with_the_folder_twice_is_understood(packs: Path) -> None:
    write_pack(packs / "antelopev2" / "antelopev2")
    assert len(open_engine("antelopev2", OPTIONS).detector.detect(np.zeros((64, 64, 3), np.uint8))) == 0


@pytest.mark.parametrize("name", REAL_PACKS or [NO_PACK])
def test_real_packs_know_the_people_at_the_table(name: str, packs: Path) -> None:
    use_real(name, packs)
    engine = open_engine(name, OPTIONS)
    photo = picture("t1.jpg")
    faces = engine.detector.detect(photo)
    assert len(faces) == 6
    rows = engine.embedder.embed(np.stack([align(photo, face.points) for face in faces]))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert (rows @ rows.T - np.eye(6)).max() < 0.3
    assert sample_photo("t1.jpg").exists()
