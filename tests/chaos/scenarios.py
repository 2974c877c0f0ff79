"""Every scenario by its name."""

from __future__ import annotations

import shutil

from chaos import app, commands
from chaos.scenario import Scenario

__all__ = ["MISSING", "SCENARIOS"]

NEEDS = {"xmp embed": "exiftool"}
"""Scenario -> a program that must be installed."""

MISSING = {name: program for name, program in NEEDS.items() if shutil.which(program) is None}
"""Those that cannot be done here, and why."""

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario for scenario in (*commands.SCENARIOS, *app.SCENARIOS) if scenario.name not in MISSING
}
