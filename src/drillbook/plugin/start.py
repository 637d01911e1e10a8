"""The start of a run: reads the options and the target, and registers what the process at hand needs.

The controller (or the only process) measures, writes the journal and decides the exit code; an xdist worker is
handed the readings and judges them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drillbook.gate import Gate
from drillbook.library import Library
from drillbook.limit import duration
from drillbook.mistakes import Mistakes
from drillbook.severity import Severity
from drillbook.target import load_target

if TYPE_CHECKING:
    import pytest

    from drillbook.plugin.controller import Controller
    from drillbook.plugin.measuring import Measuring
    from drillbook.target import Target


def start(config: pytest.Config) -> None:
    """Registers the run's parts with pytest; Mistakes, all of them, where the run cannot start."""
    target, gate, every = target_of(config, Library(config.rootpath)), _gate(config), _every(config)
    measuring = _start_judging(config, target, gate)
    if hasattr(config, "workerinput"):
        return
    controller = _start_controller(config, target, gate)
    measuring.say = controller.write_line
    if every:
        _start_rounds(config, every, controller, measuring)


def target_of(config: pytest.Config, library: Library) -> Target:
    """The target that the command line chooses; Mistakes, with those that are known, where it chooses none."""
    text = config.getoption("target")
    if not text:
        known = ", ".join(library.targets()) or "none: add a folder to systems/"
        raise Mistakes([f"no target chosen: pass --target SYSTEM@ENV (known: {known})"])
    return load_target(text, library)


def _gate(config: pytest.Config) -> Gate:
    try:
        return Gate(Severity.named(config.getoption("gate")))
    except ValueError as error:
        raise Mistakes([f"--gate: {error}"]) from None


def _every(config: pytest.Config) -> float:
    """The seconds between two rounds, 0 for a single run."""
    text, rounds = config.getoption("every"), config.getoption("rounds")
    if text is None:
        if rounds is not None:
            raise Mistakes(["--rounds says how often: pass --every DURATION with it, e.g. --every 30s"])
        return 0.0
    if getattr(config.option, "numprocesses", None) or getattr(config.option, "tx", None):
        raise Mistakes(["--every runs its rounds in one process: leave out -n"])
    if rounds is not None and rounds < 1:
        raise Mistakes([f"--rounds {rounds}: there is at least one round"])
    try:
        seconds = duration(text)
    except ValueError as error:
        raise Mistakes([f"--every: {error}"]) from None
    if seconds <= 0:
        raise Mistakes([f"--every {text}: rounds need time between them, e.g. --every 30s"])
    return seconds


def _start_controller(config: pytest.Config, target: Target, gate: Gate) -> Controller:
    from drillbook.plugin.controller import Controller

    controller = Controller(config, target, gate)
    config.pluginmanager.register(controller, "drillbook-controller")
    return controller


def _start_judging(config: pytest.Config, target: Target, gate: Gate) -> Measuring:
    from drillbook.plugin import measuring, nouns
    from drillbook.plugin.judging import Judging

    workerinput: dict[str, Any] = getattr(config, "workerinput", {})
    found = measuring.Measuring(target, config.getoption("interval"), workerinput.get(measuring.READINGS))
    config.stash[nouns.MEASURING] = found
    config.stash[nouns.TARGET] = target
    config.pluginmanager.register(found, "drillbook-measuring")
    config.pluginmanager.register(Judging(target, gate), "drillbook-judging")
    config.pluginmanager.register(nouns, "drillbook-nouns")
    return found


def _start_rounds(config: pytest.Config, every: float, controller: Controller, measuring: Measuring) -> None:
    from drillbook.plugin.budget import within_budget
    from drillbook.plugin.rounds import Rounds

    within_budget(controller.target, every)
    rounds = Rounds(every, config.getoption("rounds"), controller, measuring)
    config.pluginmanager.register(rounds, "drillbook-rounds")
