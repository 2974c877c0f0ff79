"""Every test runs in a home that holds nothing of the user's but the model files."""

from __future__ import annotations

import contextlib
import signal

from homes import leave_own_home, use_own_home

with contextlib.suppress(ImportError):  # some environments have nothing but pytest
    from hypothesis import HealthCheck, settings

    # How long an example takes depends on the machine: on a busy one a deadline fails though nothing is wrong.
    settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("ours")

# A shell without job control starts background jobs with Ctrl-C ignored, and the programs of the tests inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# At import, not in a hook: test files ask for the home while they are imported.
_HOME = use_own_home()


def pytest_unconfigure() -> None:
    if _HOME is not None:
        leave_own_home(_HOME)


def pytest_report_header() -> str:
    from second_network import SAID

    return SAID
