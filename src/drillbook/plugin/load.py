"""The start of a run with load profiles: refused where the target is not ours to load, unless somebody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.gate import Gate
from drillbook.library import Library
from drillbook.load import permit, service_of
from drillbook.mistakes import Mistakes
from drillbook.plugin import LOAD
from drillbook.plugin.controller import Controller
from drillbook.plugin.judging import Judging
from drillbook.plugin.profiles import PROFILES, Profiles, is_profile
from drillbook.plugin.start import target_of
from drillbook.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


def start(config: pytest.Config) -> None:
    """Registers the run's parts; Mistakes, or Refused where the target may not be loaded."""
    if mistakes := [*_mistakes(config)]:
        raise Mistakes(mistakes)
    target = target_of(config, Library(config.rootpath))
    if not config.option.collectonly:
        permit(target, config.getoption("confirm"))
    controller = Controller(config, target, Gate(Severity.LOW))
    profiles = Profiles(controller, service_of(target), config.getoption("profile"))
    config.pluginmanager.register(controller, "drillbook-controller")
    config.pluginmanager.register(Judging(target, Gate(Severity.LOW), controller.tell), "drillbook-judging")
    config.pluginmanager.register(profiles, "drillbook-profiles")
    config.stash[PROFILES] = profiles


def _mistakes(config: pytest.Config) -> Iterator[str]:
    """What is wrong with the command line, a line each."""
    if getattr(config.option, "numprocesses", None) or getattr(config.option, "tx", None):
        yield "profiles run one after the other, each with the target for itself: leave out -n"
    if config.getoption("every"):
        yield "--every is for checks: a profile runs once"
    files = sorted((config.rootpath / LOAD).rglob("*.py"))
    wanted, known = config.getoption("profile"), [path.stem for path in files if is_profile(path, config)]
    if wanted is not None and wanted not in known:
        yield f"no profile is called {wanted!r} (known: {', '.join(known)})"
