"""Packs of insightface: folders of ONNX files that find faces and tell people apart.

``insightface.app.FaceAnalysis`` looks for them in ``~/.insightface/models`` and downloads those it knows by name.
Their weights are for non-commercial research alone, so a download waits for a word of the user.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from photo_ranker.core.locks import locked
from photo_ranker.errors import ModelUnavailable, UserError
from photo_ranker.models.digests import digest_of
from photo_ranker.models.quiet import no_stdout
from photo_ranker.models.sources import is_reachable
from photo_ranker.records import DEFAULT_ENGINE, DUO

__all__ = ["ACCEPTED", "LICENCE", "PACKS", "files_in", "fingerprint", "is_accepted", "pack_folder", "packs_folder"]

PACKS = ("buffalo_l", "buffalo_m", "buffalo_s", "buffalo_sc", "antelopev2")
"""Those that insightface downloads; any other folder of such models will do as well."""

ACCEPTED = "PHOTO_RANKER_ACCEPT_INSIGHTFACE"
LICENCE = "the models of insightface are for non-commercial research only"

log = logging.getLogger(__name__)


def packs_folder() -> Path:
    """Where insightface keeps its packs."""
    return Path("~/.insightface/models").expanduser()


def is_accepted() -> bool:
    """Whether the user has accepted the licence."""
    return os.environ.get(ACCEPTED) == "1"


def pack_folder(word: str, *, fetch: Callable[[str], None] | None = None) -> Path:
    """The folder with the models of a pack, given by name or as a folder; a known one is downloaded if it is missing.

    ``fetch`` downloads a pack by its name; insightface does that itself.
    """
    given = Path(word).expanduser()
    is_path = given.name != word
    folder = given.absolute() if is_path else packs_folder() / word
    if not files_in(folder) and files_in(folder / folder.name):
        return folder / folder.name  # some of the downloads have the folder twice
    if files_in(folder):
        return folder
    if is_path:
        state = "holds no ONNX models" if folder.is_dir() else "does not exist"
        raise UserError(f"the folder {folder} {state}", "name an engine, or a folder with models of insightface")
    if word not in PACKS:
        raise UserError(
            f"there is no engine '{word}'",
            f"choose one of: {DUO}, {DEFAULT_ENGINE}, {', '.join(PACKS)}; or a folder with models of insightface, "
            f"by its path or by its name in {packs_folder()}",
        )
    _download(word, folder, fetch or _fetch)
    return pack_folder(word)


def files_in(folder: Path) -> list[Path]:
    """The model files of a pack, in the order of their names."""
    return sorted(path for path in folder.glob("*.onnx") if path.is_file())


def fingerprint(paths: Sequence[Path]) -> str:
    """What tells models apart: their contents."""
    return hashlib.sha256("".join(map(digest_of, paths)).encode()).hexdigest()[:12]


def _download(name: str, folder: Path, fetch: Callable[[str], None]) -> None:
    if not is_accepted():
        raise UserError(
            f"'{name}' has to be downloaded, and {LICENCE}",
            f"if that is what you do, say --accept-license (or set {ACCEPTED}=1)",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.parent / f".{name}.lock", lambda: log.info("waiting: another run fetches %s", name)):
            if files_in(folder) or files_in(folder / name):
                return  # another process has fetched it while we waited
            with contextlib.suppress(OSError):
                folder.rmdir()  # what a download that broke off has left: insightface would take it for a pack
            log.info("fetching %s from insightface", name)
            fetch(name)
    except (OSError, RuntimeError, ValueError) as error:  # what insightface and its downloader throw
        raise _unavailable(name, folder, str(error) or type(error).__name__) from error
    if not (files_in(folder) or files_in(folder / name)):
        raise _unavailable(name, folder, "the download holds no models")


def _fetch(name: str) -> None:
    from zipfile import BadZipFile

    from insightface.utils import storage

    url = storage.model_zoo_download_url(f"{name}.zip")
    if not is_reachable(url):
        raise OSError(f"{url} cannot be reached")
    try:
        with no_stdout():
            storage.ensure_available("models", name, root=str(packs_folder().parent))
    except BadZipFile as error:
        raise OSError(f"{url} gave a damaged file") from error


def _unavailable(name: str, folder: Path, reason: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"'{name}' could not be downloaded: {reason}",
        f"connect to the internet, or put the ONNX files of {name} into {folder} by hand",
    )
