"""Every scenario by its name."""

from __future__ import annotations

from chaos import commands
from chaos.scenario import Scenario

__all__ = ["SCENARIOS"]

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in commands.SCENARIOS}
