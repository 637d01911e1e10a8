"""Load profiles under pytest: one item for each file of `load/`, which is never imported here.

A child process runs the profile with Locust and hands its samples back; what they come to is held to every rung of the
limits that the profile names.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.load.child import generating
from drillbook.load.measures import mistakes_of, not_judged, observe
from drillbook.load.permission import permit_profile
from drillbook.load.result import Result
from drillbook.plugin.content import LOAD
from drillbook.plugin.judging import record, unknown
from drillbook.probes.http.login import for_clients

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from pathlib import Path

    from drillbook.load.child import Told
    from drillbook.plugin.controller import Controller
    from drillbook.system.target import Service, Target

SAY_EVERY = 5.0
HELPERS = ("conftest.py", "__init__.py")
PROFILES: pytest.StashKey[Profiles] = pytest.StashKey()


class Collecting:
    """Collects the profiles, or the one called `only`."""

    def __init__(self, only: str | None) -> None:
        self._only = only

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """A file of `load/` is a profile, whatever else would have collected (and imported) it."""
        found = yield
        if not is_profile(file_path, parent.config):
            return found
        if self._only not in (None, file_path.stem):
            return []
        return [ProfileFile.from_parent(parent, path=file_path)]


class Profiles:
    """Runs profiles against a `service` of `target`."""

    def __init__(self, controller: Controller, target: Target, service: Service) -> None:
        self._controller, self._target, self._service = controller, target, service

    def measure(self, item: pytest.Item) -> None:
        """Runs the profile of `item`, and records a verdict for each limit that it is held to."""
        try:
            told, result = self._run(item)
        except (Refused, Mistakes) as reason:
            if isinstance(reason, Refused):
                self._controller.tell("refused", reason=str(reason))
            record(item, replace(unknown(item, str(reason).replace("\n", " ")), name=f"load.{item.name}"))
            return
        for name in told.profile.held_to:
            by = f"{self._service.name} {self._service.where}"
            record(
                item,
                self._target.limits.named(name, self._service.name).judge(observe(name, result, by=by, of=item.name)),
            )

    def _run(self, item: pytest.Item) -> tuple[Told, Result]:
        with generating(item.path, item.config.rootpath) as generator:
            told = generator.told
            if off := [*not_judged(told, self._target)]:
                self._controller.tell("mistake")
                raise Mistakes(off)
            if mistakes := [*mistakes_of(told, self._target)]:
                raise Mistakes(mistakes)
            permit_profile(self._target, told)
            where = self._where()
            self._begin(item, told)
            result = Result(told.profile, began=time.time())
            self._take_in(item, result, generator.run(**where))
        self._end(item, result)
        return told, result

    def _where(self) -> dict[str, Any]:
        read_only = self._target.kind == "production"
        return {"host": self._service.address, "headers": for_clients(self._service), "read_only": read_only}

    def _begin(self, item: pytest.Item, told: Told) -> None:
        profile = told.profile
        self._controller.tell(
            "load",
            profile=item.name,
            check=item.nodeid,
            about=told.about,
            runbook=profile.runbook,
            service=self._service.name,
            arrivals=[{"to": ramp.to, "seconds": ramp.seconds} for ramp in profile.arrivals],
            held_to=list(profile.held_to),
            seconds=profile.seconds,
            asked=profile.asked,
        )
        what = f"{profile.asked} requests in {profile.seconds:g} s, up to {profile.peak:g} a second"
        self._say(f"{item.name}: {what}, to {self._service.name} {self._service.where}")

    def _take_in(self, item: pytest.Item, result: Result, lines: Iterable[Mapping[str, Any]]) -> None:
        said = 0.0
        for line in lines:
            result.take(line)
            if line.get("at", 0.0) - said >= SAY_EVERY:
                said = line["at"]
                self._say(
                    f"… {item.name}: {said:.0f} of {result.profile.seconds:g} s, {result.requests} requests so far"
                )

    def _end(self, item: pytest.Item, result: Result) -> None:
        for second in result.seconds():
            self._controller.tell("traffic", profile=item.name, **second)
        self._controller.tell("loaded", profile=item.name, **result.facts())
        self._controller.count(self._service.name, result.requests)

    def _say(self, words: str) -> None:
        self._controller.tell("progress", words=words)


def is_profile(path: Path, config: pytest.Config) -> bool:
    """Whether the file is a profile: it is in `load/`, and no helper of pytest's."""
    return path.suffix == ".py" and path.is_relative_to(config.rootpath / LOAD) and path.name not in HELPERS


class ProfileFile(pytest.File):
    """A file of `load/`: one profile."""

    def collect(self) -> Iterator[pytest.Item]:
        """The profile, called as its file is."""
        yield ProfileItem.from_parent(self, name=self.path.stem)


class ProfileItem(pytest.Item):
    """A profile, to be run."""

    def runtest(self) -> None:
        """Runs it."""
        self.config.stash[PROFILES].measure(self)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """What pytest shows of it."""
        return self.path, None, self.name
