"""A worker: does the attempts that it is told on its input, a line of JSON each, and answers with a line each."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from chaos.attempt import Workshop
from chaos.preload import State
from chaos.scenarios import SCENARIOS
from chaos.worlds import replay, set_places

LAZY = ("photo_ranker.cli", "photo_ranker.exporters", "photo_ranker.people", "photo_ranker.library", "photo_ranker.web")
"""Packages whose modules are loaded now, so that the forked runs need not."""


def main() -> None:
    """Work until the input ends."""
    base, photos, models = map(Path, sys.argv[1:])
    os.environ["CHAOS_PHOTOS"] = str(photos)
    set_places(base / "world", models)
    replay(photos)
    _load_ahead()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    shop = Workshop(base, State.open(Path(os.environ["CHAOS_STATE"])))
    for line in sys.stdin:
        answers.write(json.dumps(_answer(shop, json.loads(line))) + "\n")
        answers.flush()


def _answer(shop: Workshop, order: dict[str, Any]) -> dict[str, Any]:
    scenario = SCENARIOS[order["scenario"]]
    try:
        if "call" not in order:
            return {"calls": shop.grounds(scenario).calls}
        is_hit, found = shop.attempt(scenario, order["call"], order["kind"])
    except RuntimeError as error:
        return {"broken": str(error)}
    return {**order, "hit": is_hit, "found": [(item.severity, item.text) for item in found]}


def _load_ahead() -> None:
    for name in LAZY:
        package = import_module(name)
        for module in walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    for name in ("cv2", "PIL.Image", "fastapi.testclient", "photo_ranker.images.thumbnails", "onnx", "tqdm"):
        import_module(name)


if __name__ == "__main__":
    main()
