"""Copies of systems as drills start them, watched by the real checks, and the states of `red.toml` on them."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from drillbook import Drill
from drillbook.drills.rounds_seen import Green, RoundsSeen
from drillbook.drills.watch import Watch, watch
from drillbook.faults import superuser
from drillbook.stack import compose
from drillbook.stack.drill import Berth, start_stack
from drillbook.stack.logs import told
from drillbook.supervisor import arm
from drillbook.system.library import Library
from drillbook.system.red import red_of
from drillbook.system.validated import limits_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.stack.handle import Running
    from drillbook.system.in_force import Limits
    from drillbook.system.red import Red, State, Step

CHECKOUT = Path(__file__).parents[2]
RED_WITHIN = 120.0  # seconds, what the watch is late itself not counted
GREEN_WITHIN = 240.0
TWO = 2  # rounds: in which nothing else is red, and that are green before and after


class NotProven(AssertionError):
    """A state that did not do what it says."""


class NotGreen(NotProven):
    """A copy that did not become green: nothing more can be proven on it."""


@dataclass
class Copy:
    """A copy of a system, `running` and watched."""

    running: Running
    watch: Watch

    def prove(self, state: State, *, red_within: float = RED_WITHIN, green_within: float = GREEN_WITHIN) -> None:
        """Has the copy get into the state and out of it; NotProven where anything is otherwise than it says."""
        seen = RoundsSeen(_drill(state), self.watch, self.running.target.name)
        self._wait_for_green(seen, time.monotonic(), green_within, "before it")
        with ExitStack() as undone:
            for step in state.do:
                undone.enter_context(taken(self.running, step))
            self._wait_for_red(state, seen, red_within)
        self._wait_for_green(seen, time.monotonic(), green_within, "again")

    def judged(self) -> set[str]:
        """The names of all limits and signals that the checks judge here."""
        self.watch.wait(lambda: bool(self.watch.rounds), within=GREEN_WITHIN)
        return {one.name for one in self.watch.rounds[-1].verdicts.values() if one.outcome != "skipped"}

    def _wait_for_red(self, state: State, seen: RoundsSeen, within: float) -> None:
        since, wanted = time.monotonic(), set(state.red)
        if not self.watch.wait(
            lambda: any(wanted <= one.red_names() for one in self.watch.since(since)), within=within
        ):
            green = wanted - {name for one in self.watch.rounds[-1:] for name in one.red_names()}
            raise NotProven(f"{seen.not_yet_red(green)}: {seen.of(green)}")
        so_far = len(self.watch.rounds)
        if not self.watch.wait(lambda: len(self.watch.rounds) >= so_far + TWO, within=within):
            raise NotProven("nobody looked whether anything else is red: no two more rounds in time")
        if strange := seen.unasked(self.watch.since(since)):
            raise NotProven(strange)

    def _wait_for_green(self, seen: RoundsSeen, since: float, within: float, when: str) -> None:
        if not self.watch.wait(lambda: bool(seen.streak(Green(since, TWO))), within=within):
            raise NotGreen(f"not green {when}: {seen.not_green(TWO)}")


def _drill(state: State) -> Drill:
    """The state as what reads a watch's rounds knows it."""
    nothing = {"runbook": "", "fault": None, "fix": None, "detects_within": 1, "recovers_within": 1}
    return Drill(**nothing, symptom=tuple(state.red), may=tuple(state.may))


@contextmanager
def taken(running: Running, step: Step) -> Iterator[None]:
    """Takes a step, and undoes it at the end."""
    do, undo = ACTS[step.act](running, step)
    try:
        do()
        yield
    finally:
        try:
            undo()
        except Exception as error:
            raise NotGreen(f"not undone: {error}") from error


def _stopped(running, step):
    handle = running.handle(step.stop)
    return handle.stop, handle.start


def _paused(running, step):
    handle = running.handle(step.pause)
    return handle.pause, handle.unpause


def _troubled(running, step):
    trouble = running.target.system.stack.trouble
    address = running.dial(step.on or trouble.service).address
    headers = {trouble.header: running.secrets[trouble.token]}
    query = {name: _plain(value) for name, value in parse_qsl(urlsplit(step.trouble).query)}

    def ask(method, path, **body):
        with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
            client.request(method, path, **body).raise_for_status()

    return lambda: ask("POST", step.trouble, json=query), lambda: ask("DELETE", trouble.off)


def _plain(text):
    """A number where it is one."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _queried(running, step):
    handle = running.handle(step.service)
    return lambda: superuser.ask(handle, step.sql), lambda: superuser.ask(handle, step.undo)


def _asked_of_redis(running, step):
    return _executed(running, step.service, ["redis-cli", "-e", *step.redis], ["redis-cli", "-e", *step.undo])


def _run(running, step):
    return _executed(running, step.service, step.run, step.undo)


def _executed(running, service, command, undo):
    handle = running.handle(service)

    def execute(words):
        code, said = handle.execute(words, user="root")
        if code:
            raise NotProven(f"{service}: {' '.join(words)}: exit code {code}: {said[-500:]}")

    return lambda: execute(command), lambda: execute(undo)


ACTS = {
    "stop": _stopped, "pause": _paused, "trouble": _troubled, "sql": _queried, "redis": _asked_of_redis, "run": _run,
}  # fmt: skip


@dataclass
class Copies:
    """One copy at a time, of one system after the other; what did not come out well is started anew."""

    library: Library
    berth: Berth
    _copy: Copy | None = None
    _of: str = ""

    def of(self, system: str) -> Copy:
        """The copy of that system, up and watched."""
        if self._copy is None or self._of != system or self._copy.watch.over:
            self.give_up()
            running = start_stack(self.library, system, self.berth, print)
            environ = {**running.values, **told(running)}
            seen = watch(self.berth, running.target.name, root=self.library.root, environ=environ, keep=lambda _: None)
            self._copy, self._of = Copy(running, seen), system
        return self._copy

    def give_up(self) -> None:
        """Ends the watch and removes the copy, if there is one."""
        if self._copy:
            self._copy.watch.stop()
            compose.remove(self._copy.running.run, self._copy.running.project)
        self._copy = None

    def prove(self, system: str, state: State, **within: float) -> None:
        """As `Copy.prove`; a copy that did not become green, or of which something was not undone, is given up."""
        try:
            self.of(system).prove(state, **within)
        except BaseException as error:
            if type(error) is not NotProven:
                self.give_up()
            raise


def scaled(text: str, red: Red, limits: Limits) -> str:
    """The text of a system file with the figures that are scaled in place of its own, or beside them."""
    for name, condition in red.scaled.items():
        limit = limits.named(name)
        table = f'[limits."{name}"]\nunit = "{limit.unit}"\n{limit.worst.word} = "{condition}"\n'
        stated = re.compile(rf'^\[limits\."{re.escape(name)}"\]\n(?:[^\[\n].*\n)*', re.MULTILINE)
        text = stated.sub(table, text) if stated.search(text) else f"{text}\n{table}"
    return text


@pytest.fixture
def proving():
    """This module: what gets a copy into a state and out of it."""
    return sys.modules[__name__]


@pytest.fixture(scope="session", name="scaled")
def _scaled():
    """What makes a system file by which copies are judged here."""
    return scaled


@pytest.fixture(scope="session")
def red_project(tmp_path_factory, project_in):
    """A project with the checkout's systems and checks, whose limits on times and sizes are scaled."""
    project = project_in(tmp_path_factory.mktemp("red"))
    for folder in ("systems", "checks"):
        shutil.copytree(CHECKOUT / folder, project.root / folder, dirs_exist_ok=True)
    library = Library(project.root, {})
    for name in library.names():
        system, limits = limits_of(library, name)
        if red := red_of(library, system, limits):
            path = library.file_of(name)
            path.write_text(scaled(path.read_text(), red, limits))
    return project


@pytest.fixture(scope="module")
def copies(red_project):
    """Copies of systems; all that is left is removed at the end, whatever happened."""
    with arm(f"test-red-{os.getpid()}-{secrets.token_hex(3)}") as supervisor:
        found = Copies(Library(red_project.root, {}), Berth(supervisor.run, supervisor.labels, supervisor.folder))
        try:
            yield found
        finally:
            found.give_up()
