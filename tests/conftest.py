"""Every test runs in a home that holds nothing of the user's but the model files."""

from __future__ import annotations

from homes import leave_own_home, use_own_home

# At import, not in a hook: other files of tests ask for the home while they are imported.
_HOME = use_own_home()


def pytest_unconfigure() -> None:
    if _HOME is not None:
        leave_own_home(_HOME)


def pytest_report_header() -> str:
    from second_network import SAID

    return SAID
