"""The start of a run: reads the options and the targets, and registers what the process at hand needs.

The controller (or the only process) measures, writes the journal and decides the exit code; an xdist worker is
handed the readings and judges them.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.judging.gate import Gate
from drillbook.judging.limit import duration
from drillbook.judging.severity import Severity
from drillbook.plugin.choosing import targets_of
from drillbook.plugin.content import only_looks
from drillbook.plugin.systems import Systems
from drillbook.system.library import Library

if TYPE_CHECKING:
    import pytest

    from drillbook.plugin.controller import Controller
    from drillbook.plugin.measuring import Measuring
    from drillbook.system.target import Target

ASSERTS = "enable_assertion_pass_hook"


def start(config: pytest.Config) -> None:
    """Registers the run's parts with pytest; Mistakes, all of them, where the run cannot start."""
    library = Library(config.rootpath)
    targets, gate, every = _with_logs(targets_of(config, library), library), _gate(config), _every(config)
    config.pluginmanager.register(Systems(targets, library.names()), "drillbook-systems")
    measuring = _start_judging(config, targets, gate)
    if hasattr(config, "workerinput") or only_looks(config):
        return
    controller = _start_controller(config, targets, gate)
    measuring.say = controller.write_line
    if config.getoption("journal_fd") is None:
        measuring.meanwhile = _ready_the_page
    if every:
        _start_rounds(config, every, controller, measuring)


def _with_logs(targets: list[Target], library: Library) -> list[Target]:
    """The targets, of whose copies logs can be read where they are asked for."""
    if not any(service.declared.of_a_container for target in targets for service in target.services.values()):
        return targets
    from drillbook.common.extras import CHAOS, need
    from drillbook.stack.logs import with_logs

    need("the log of a copy's container", CHAOS)

    return [with_logs(target, library) for target in targets]


def _gate(config: pytest.Config) -> Gate:
    try:
        return Gate(Severity.named(config.getoption("gate")))
    except ValueError as error:
        raise Mistakes([f"--gate: {error}"]) from None


def _interval(config: pytest.Config) -> float:
    seconds: float = config.getoption("interval")
    if not 0 < seconds < math.inf:
        raise Mistakes([f"--interval {seconds:g}: counters are read twice, with seconds between, e.g. --interval 3"])
    return seconds


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


def _start_controller(config: pytest.Config, targets: list[Target], gate: Gate) -> Controller:
    from drillbook.plugin.controller import Controller
    from drillbook.plugin.declared import Declarations

    controller = Controller(config, targets, gate, Declarations)
    config.pluginmanager.register(controller, "drillbook-controller")
    return controller


def _start_judging(config: pytest.Config, targets: list[Target], gate: Gate) -> Measuring:
    from drillbook.plugin import measuring, nouns
    from drillbook.plugin.hiding import Hiding
    from drillbook.plugin.inquiry import inquire
    from drillbook.plugin.judging import Judging
    from drillbook.plugin.selection import LeftOut

    workerinput: dict[str, Any] = getattr(config, "workerinput", {})
    workers, run = workerinput.get("workercount", 1), workerinput.get(measuring.RUN, "")
    inquiries = inquire(config, targets, every=_every(config), workers=workers, run=run)
    found = measuring.Measuring(inquiries, _interval(config), workerinput.get(measuring.READINGS))
    config.stash[measuring.MEASURING] = found
    config._inicache[ASSERTS] = True  # pytest tells of asserts that hold only where a setting says so
    config.pluginmanager.register(found, "drillbook-measuring")
    config.pluginmanager.register(Judging(gate), "drillbook-judging")
    config.pluginmanager.register(Hiding(targets), "drillbook-hiding")
    config.pluginmanager.register(LeftOut(config), "drillbook-left-out")
    config.pluginmanager.register(nouns, "drillbook-nouns")
    config.pluginmanager.register(nouns.fixtures(), "drillbook-fixtures")
    return found


def _ready_the_page() -> None:
    """What the page at the end takes is loaded while measuring waits; what is wrong with it is said at the end."""
    with suppress(Exception):
        from drillbook.report.page import ready

        ready()


def _start_rounds(config: pytest.Config, every: float, controller: Controller, measuring: Measuring) -> None:
    from drillbook.plugin.budget import within_budget
    from drillbook.plugin.rounds import Rounds

    within_budget([record.target for record in controller.records], every)
    rounds = Rounds(every, config.getoption("rounds"), controller, measuring)
    config.pluginmanager.register(rounds, "drillbook-rounds")
