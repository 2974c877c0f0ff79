"""Where the time goes: all time counts for one stage, the innermost one that is running."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from time import process_time
from typing import Any

__all__ = ["Stopwatch"]


class Stopwatch:
    """Seconds of processor time of each stage: other work on the machine hardly shows in them."""

    def __init__(self, rest: str) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._stages = [rest]
        self._since = process_time()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time counted for the stage."""

        @wraps(function)
        def run(*words: Any, **options: Any) -> Any:
            self._charge()
            self._stages.append(stage)
            try:
                return function(*words, **options)
            finally:
                self._charge()
                self._stages.pop()

        return run

    def restart(self) -> None:
        """Forget what was counted."""
        self.seconds.clear()
        self._since = process_time()

    def stop(self) -> dict[str, float]:
        """All that was counted."""
        self._charge()
        return dict(self.seconds)

    def _charge(self) -> None:
        now = process_time()
        self.seconds[self._stages[-1]] += now - self._since
        self._since = now
