"""The start of a run with load profiles: refused where the target is not ours to load, unless somebody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.judging.gate import Gate
from drillbook.judging.severity import Severity
from drillbook.load.permission import permit, service_of
from drillbook.plugin.choosing import targets_of, the_only
from drillbook.plugin.content import LOAD, only_looks
from drillbook.plugin.controller import Controller
from drillbook.plugin.hiding import Hiding
from drillbook.plugin.inquiry import inquire
from drillbook.plugin.judging import Judging
from drillbook.plugin.profiles import PROFILES, Collecting, Profiles, is_profile
from drillbook.system.library import Library

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


def start(config: pytest.Config) -> None:
    """Registers the run's parts; Mistakes, or Refused where the target may not be loaded."""
    if mistakes := [*_mistakes(config)]:
        raise Mistakes(mistakes)
    the_only(config, "a load profile")
    [target] = targets_of(config, Library(config.rootpath))
    inquire(config, [target])
    config.pluginmanager.register(Hiding([target]), "drillbook-hiding")
    config.pluginmanager.register(Collecting(config.getoption("profile")), "drillbook-collecting")
    if only_looks(config):
        return
    permit(target, config.getoption("confirm"))
    controller = Controller(config, [target], Gate(Severity.LOW))
    config.pluginmanager.register(controller, "drillbook-controller")
    config.pluginmanager.register(Judging(Gate(Severity.LOW), controller.tell), "drillbook-judging")
    config.stash[PROFILES] = Profiles(controller, target, service_of(target))


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
