"""The start of a run with load profiles: refused where the target is not ours to load, unless somebody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drillbook.gate import REFUSED, Gate
from drillbook.library import Library
from drillbook.load import permit, service_of
from drillbook.mistakes import Mistakes, Refused
from drillbook.plugin import LOAD
from drillbook.plugin.controller import Controller
from drillbook.plugin.judging import Judging
from drillbook.plugin.profiles import Profiles
from drillbook.plugin.start import target_of
from drillbook.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def start(config: pytest.Config) -> None:
    """Registers the run's parts; UsageError for mistakes, and exit code 12 for what is refused."""
    try:
        _start(config)
    except Refused as refused:
        pytest.exit(f"refused: {refused}", returncode=REFUSED)
    except Mistakes as mistakes:
        raise pytest.UsageError(*mistakes.lines) from None


def _start(config: pytest.Config) -> None:
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


def _mistakes(config: pytest.Config) -> Iterator[str]:
    """What is wrong with the command line, a line each."""
    if getattr(config.option, "numprocesses", None) or getattr(config.option, "tx", None):
        yield "profiles run one after the other, each with the target for itself: leave out -n"
    if config.getoption("every"):
        yield "--every is for checks: a profile runs once"
    wanted, known = config.getoption("profile"), [path.stem for path in sorted((config.rootpath / LOAD).rglob("*.py"))]
    if wanted is not None and wanted not in known:
        yield f"no profile is called {wanted!r} (known: {', '.join(known)})"
