"""``photo-ranker doctor``: check this machine and say what to mend."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from photo_ranker.cli.checks import CHECKS, Check, CheckResult
from photo_ranker.cli.console import write_exact, write_line
from photo_ranker.cli.error_handler import EXIT_OK, EXIT_USER
from photo_ranker.cli.options import add_common
from photo_ranker.cli.requests import CommonRequest

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]

EXAMPLE = """example:
  photo-ranker doctor
  photo-ranker doctor --json > for-a-bug-report.json"""

_MARKS = {"ok": " ok ", "note": "note", "problem": "MEND"}
"""State of a result -> the word before its line, four columns wide."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_common(parser)


def request_of(_args: argparse.Namespace) -> None:
    """Return None: the command has only the common options."""


def run(_request: None, common: CommonRequest) -> int:
    """Run all checks; the exit code says whether there is a problem."""
    findings = [finding for check in CHECKS for finding in _found(check)]
    is_well = all(finding.state != "problem" for finding in findings)
    if common.as_json:
        import json

        write_exact(json.dumps({"ok": is_well, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        for line in _lines(findings):
            write_line(line)
    return EXIT_OK if is_well else EXIT_USER


def _found(check: Check) -> list[CheckResult]:
    """The results of a check; a missing library that it needs is its result."""
    try:
        return list(check())
    except ImportError as error:
        return [CheckResult(error.name or "library", "problem", str(error), "see the packages above")]


def _lines(findings: list[CheckResult]) -> list[str]:
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.state]}  {finding.name:<{width}}  {finding.text}")
        if finding.advice:
            lines.append(f"{'':{width + 8}}{finding.advice}")
    problems = sum(finding.state == "problem" for finding in findings)
    return [*lines, "", f"{problems} to mend" if problems else "all is well"]
