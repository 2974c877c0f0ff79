"""One attempt: a fresh world, the scenario with one call that goes wrong, and what is left of the world then."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from chaos.forked import Ended, Tell, Work, adopt_orphans, run_forked
from chaos.preload import Call, State, read_log
from chaos.scenario import Failed, Scenario
from chaos.worlds import copy_world, digests, files_below

__all__ = ["Found", "Grounds", "Workshop"]

IN_PARTS = re.compile(
    r"\.photo_ranker_(metadata|people)\.json|manifest\.jsonl$|^cache/(locks|folders)/|^data/web/.*\.(json|log)$|/event\.json$"
)
"""Files that are written bit by bit, or hold the time or what was done so far: what a scenario sees tells of them."""

MAY_STAY = re.compile(r"\.lock$|^cache/folders/")
"""The lock of a dead process belongs to whoever comes next; facts kept elsewhere go home with the next that are new."""

SEVERITIES = ("original harmed", "word lost", "half-written", "next run fails", "hangs", "leftovers", "unclear error")
"""What can be wrong afterwards, the worst first."""


@dataclass(frozen=True, order=True)
class Found:
    """Something that an attempt has shown to be wrong."""

    severity: str
    text: str


@dataclass
class Grounds:
    """What a scenario looks like without a fault; every attempt is compared with it."""

    calls: list[Call] = field(default_factory=list)
    states: list[Any] = field(default_factory=list)
    """What is seen before the first step and after each."""
    listing: set[str] = field(default_factory=set)
    """The files that are there after the next run."""
    before: dict[str, str] = field(default_factory=dict)
    contents: dict[str, set[str]] = field(default_factory=dict)
    """Path -> what the file may hold; only those that every run writes alike."""


class Workshop:
    """A place of its own for one worker: a world, templates of it, and the state of the preloaded library."""

    def __init__(self, base: Path, state: State) -> None:
        self.world = base / "world"
        self._templates = base / "templates"
        self._notes = base / "notes"
        self._notes.mkdir(parents=True, exist_ok=True)
        os.environ["CHAOS_NOTES"] = str(self._notes)
        self._state = state
        self._log = base / "calls.log"
        self._grounds: dict[str, Grounds] = {}
        adopt_orphans()

    def grounds(self, scenario: Scenario) -> Grounds:
        """Make the scenario's world and see how it goes without faults."""
        if scenario.name not in self._grounds:
            self._prepare(scenario)
            self._grounds[scenario.name] = self._without_faults(scenario)
        return self._grounds[scenario.name]

    def attempt(self, scenario: Scenario, call: int, kind: str) -> tuple[bool, list[Found]]:
        """Whether the call came at all, and what was wrong afterwards."""
        grounds = self.grounds(scenario)
        self._fresh(scenario)
        acted = self._act(scenario, call, kind)
        is_hit = self._state.is_hit
        self._state.disarm()
        found = list(self._after_act(scenario, grounds, acted))
        checked = self._run(partial(_check, scenario, grounds.states, len(acted.all("done"))))
        found += self._after_check(scenario, grounds, checked)
        return is_hit, sorted(set(found), key=lambda item: SEVERITIES.index(item.severity))

    def last_calls(self) -> list[Call]:
        """The calls of the last faulty run."""
        return read_log(self._log)

    def _prepare(self, scenario: Scenario) -> None:
        template = self._template(scenario)
        copy_world(self._empty(), self.world)

        def prepare(tell: Tell) -> None:
            for step in scenario.prepare:
                step(None)
            tell({"prepared": True})

        ended = self._run(prepare)
        if not ended.all("prepared"):
            raise RuntimeError(f"{scenario.name} cannot be prepared: {ended.failures}")
        copy_world(self.world, template)

    def _empty(self) -> Path:
        empty = self._templates / "empty"
        empty.mkdir(parents=True, exist_ok=True)
        return empty

    def _template(self, scenario: Scenario) -> Path:
        return self._templates / re.sub(r"\W+", "-", scenario.name)

    def _fresh(self, scenario: Scenario) -> None:
        copy_world(self._template(scenario), self.world)

    def _without_faults(self, scenario: Scenario) -> Grounds:
        grounds = Grounds()
        self._fresh(scenario)
        grounds.states = self._states(scenario)
        runs = []
        for _ in range(2):
            self._fresh(scenario)
            grounds.before = self._contents(scenario)
            acted = self._act(scenario, 0, None)
            self._state.disarm()
            if len(acted.all("done")) != len(scenario.steps):
                raise RuntimeError(f"{scenario.name} fails without a fault: {acted.failures}")
            grounds.calls = self.last_calls()
            after = self._contents(scenario)
            checked = self._run(partial(_check, scenario, grounds.states, len(scenario.steps)))
            if wrong := list(self._after_check(scenario, None, checked)):
                raise RuntimeError(f"{scenario.name} fails without a fault: {wrong}")
            runs.append((after, self._contents(scenario)))
        grounds.listing = set(runs[0][1]) | set(runs[1][1])
        for one, other in zip(*runs, strict=True):
            for path in one.keys() & other.keys():
                if one[path] == other[path]:
                    grounds.contents.setdefault(path, set()).add(one[path])
                else:
                    grounds.contents.setdefault(path, set()).add("*")
        return grounds

    def _states(self, scenario: Scenario) -> list[Any]:
        """What is seen before and after each step, where nothing goes wrong."""

        def go(tell: Tell) -> None:
            for step in (None, *scenario.steps):
                if step is not None:
                    with scenario.opened() as handle:
                        step(handle)
                with scenario.opened() as handle:
                    tell({"state": scenario.observe(handle)})

        ended = self._run(go)
        states = ended.all("state")
        if len(states) != len(scenario.steps) + 1:
            raise RuntimeError(f"{scenario.name} fails without a fault: {ended.failures}")
        return states

    def _act(self, scenario: Scenario, call: int, kind: str | None) -> Ended:
        self._state.arm(self.world, self._log, call, kind)
        return run_forked(partial(_act, scenario), self.world, self._notes / "said.txt")

    def _after_act(self, scenario: Scenario, grounds: Grounds, acted: Ended) -> Iterator[Found]:
        if acted.has_hung:
            yield Found("hangs", f"the faulty run does not end\n{acted.stacks}")
        yield from self._harmed(scenario)
        for said in acted.all("failed"):
            if "unexpected failure" in said or "Traceback" in said:
                yield Found("unclear error", said.strip().splitlines()[-1][:300] if "Traceback" in said else said[:300])
        for path, content in self._contents(scenario).items():
            is_known = path in grounds.contents or path in grounds.before
            is_in_parts = IN_PARTS.search(path) or any(part in path for part in scenario.growing)
            may_hold = grounds.contents.get(path, set()) | {grounds.before.get(path, "")}
            if is_known and not is_in_parts and not may_hold & {content, "*"}:
                yield Found("half-written", f"{path} is neither what it was nor what it is to be")

    def _after_check(self, scenario: Scenario, grounds: Grounds | None, checked: Ended) -> Iterator[Found]:
        for item in checked.all("wrong"):
            yield Found(*item)
        if checked.has_hung:
            yield Found("hangs", f"the next run does not end\n{checked.stacks}")
        elif not checked.all("checked"):
            yield Found("next run fails", f"it died, exit code {checked.code}")
        yield from self._harmed(scenario)
        if grounds is None or checked.all("wrong"):
            return
        there = set(self._contents(scenario))
        for path in sorted(there - grounds.listing):
            if not MAY_STAY.search(path):
                yield Found("leftovers", f"{path} stays")
        for path in sorted(path for path in grounds.listing - there if not path.startswith("cache/")):
            yield Found("next run fails", f"{path} is missing afterwards")

    def _harmed(self, scenario: Scenario) -> Iterator[Found]:
        kept = _originals(self._template(scenario), scenario)
        there = _originals(self.world, scenario)
        everywhere = set(there.values()) | set(_originals(self.world, scenario, ("out",)).values())
        for path, content in kept.items():
            if there.get(path) != content and not (scenario.is_moving and content in everywhere):
                yield Found("original harmed", path)

    def _contents(self, scenario: Scenario) -> dict[str, str]:
        contents = {}
        for path, content in digests(self.world).items():
            for pattern, instead in scenario.names:
                path = re.sub(pattern, instead, path)  # noqa: PLW2901 - the name as every run has it
            contents[path] = content
        return contents

    def _run(self, work: Work) -> Ended:
        """Do something without faults."""
        self._state.disarm()
        return run_forked(work, self.world, self._notes / "said.txt")


def _act(scenario: Scenario, tell: Tell) -> None:
    """Take the steps; tell which were confirmed."""
    with ExitStack() as stack:
        try:
            handle = stack.enter_context(scenario.opened())
        except OSError as error:
            tell({"failed": f"it does not start: {error}"})
            return
        for number, step in enumerate(scenario.steps, 1):
            for last in (False, True) if scenario.again else (True,):
                try:
                    step(handle)
                except Failed as refused:
                    tell({"failed": str(refused)})
                    if last:
                        return
                else:
                    tell({"done": number})
                    break


def _check(scenario: Scenario, states: list[Any], done: int, tell: Tell) -> None:
    """Look at what is left, take the steps that are not done, and look again."""
    try:
        with scenario.opened() as handle:
            state = json.loads(json.dumps(scenario.observe(handle)))
    except Failed as refused:
        tell({"wrong": ("next run fails", f"asking fails: {refused}"[:600])})
        state = None
    at = done
    if state is not None and (scenario.is_atomic or done == len(scenario.steps)):
        likely = [number for number in (done + 1, done) if number < len(states) and states[number] == state]
        if likely:
            at = likely[0]
        else:
            tell({"wrong": ("word lost", f"{done} steps confirmed, and seen is {_difference(states[done], state)}")})
    todo = scenario.steps[at:] or (scenario.settle or scenario.steps[-1],)
    try:
        with scenario.opened() as handle:
            for step in todo:
                step(handle)
            state = json.loads(json.dumps(scenario.observe(handle)))
        if state != states[-1]:
            tell({"wrong": ("word lost", f"after the next run seen is {_difference(states[-1], state)}")})
    except Failed as refused:
        tell({"wrong": ("next run fails", str(refused)[:600])})
    tell({"checked": True})


def _difference(wanted: Any, seen: Any) -> str:
    one, other = json.dumps(wanted), json.dumps(seen)
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, start - 40)
    return f"...{other[start : start + 160]} instead of ...{one[start : start + 160]}"


def _originals(world: Path, scenario: Scenario, places: tuple[str, ...] | None = None) -> dict[str, str]:
    """The photos and what they show."""
    found = {}
    for place in places or scenario.originals:
        paths = files_below(world / place) if (world / place).is_dir() else [world / place]
        for path in paths:
            if path.suffix == ".jpg" and not path.name.startswith(".") and path.is_file():
                found[str(path.relative_to(world))] = _picture(path) if scenario.by_picture else _content(path)
    return found


def _content(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _picture(path: Path) -> str:
    try:
        with Image.open(path) as opened:
            return sha256(opened.convert("RGB").tobytes()).hexdigest()
    except OSError:
        return "unreadable"
