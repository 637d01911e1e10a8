"""The start of a run with drills: refused anywhere but here, supervised before anything is created.

The controller (or the only process) has the supervisor; xdist workers are given its berth.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.judging.gate import Gate
from drillbook.judging.severity import Severity
from drillbook.plugin.choosing import the_only
from drillbook.plugin.content import only_looks
from drillbook.plugin.drills import Drills
from drillbook.plugin.hiding import Hiding
from drillbook.plugin.inquiry import inquire
from drillbook.plugin.judging import Judging
from drillbook.plugin.systems import Systems
from drillbook.stack.drill import Berth, target_of
from drillbook.stack.guard import local_engine
from drillbook.stack.plan import make_plan
from drillbook.system.elsewhere import DRILL
from drillbook.system.library import Library

if TYPE_CHECKING:
    from drillbook.plugin.controller import Controller
    from drillbook.supervisor import Supervisor
    from drillbook.supervisor.stopping import Stop
    from drillbook.system.target import Target

BERTH = "drillbook_berth"


def start(config: pytest.Config) -> None:
    """Registers the run's parts; Mistakes, or Refused where the target is no drill's."""
    library = Library(config.rootpath)
    target = _target(the_only(config, "a drill"), library)
    inquire(config, [target])
    config.pluginmanager.register(Systems([target], library.names()), "drillbook-systems")
    if config.getoption("every"):
        raise Mistakes(["--every is for checks: a drill watches them by itself"])
    control = config.getoption("control")
    if only_looks(config):
        config.pluginmanager.register(Hiding([target]), "drillbook-hiding")
    elif hasattr(config, "workerinput"):
        _start_worker(config, library, target, control=control)
    else:
        local_engine()
        _start_controller(config, library, target, control=control)


def _start_worker(config: pytest.Config, library: Library, target: Target, *, control: bool) -> None:
    from drillbook.plugin.telling import Teller

    workerinput: dict[str, Any] = config.workerinput  # type: ignore[attr-defined]
    berth = Berth.from_plain(workerinput[BERTH])
    tell = Teller(berth.folder, workerinput["workerid"])
    drills = Drills(library, target, moor=lambda: berth, tell=tell, control=control)
    _register(config, Judging(Gate(Severity.LOW), tell), Hiding([target]), drills)


def _start_controller(config: pytest.Config, library: Library, target: Target, *, control: bool) -> None:
    from drillbook.plugin.controller import Controller

    controller = Controller(config, [target], Gate(Severity.LOW))
    harbour = Harbour(controller)
    drills = Drills(library, target, moor=harbour.moor, tell=controller.tell, control=control)
    config.pluginmanager.register(controller, "drillbook-controller")
    config.pluginmanager.register(harbour, "drillbook-harbour")
    _register(config, Judging(Gate(Severity.LOW), controller.tell), Hiding([target]), drills)


def _register(config: pytest.Config, judging: Judging, hiding: Hiding, drills: Drills) -> None:
    config.pluginmanager.register(hiding, "drillbook-hiding")
    config.pluginmanager.register(judging, "drillbook-judging")
    config.pluginmanager.register(drills, "drillbook-drills")


class Harbour:
    """Supervises the run: armed before the first stack, and closed, with everything removed, at the end."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._undo = ExitStack()
        self._supervisor: Supervisor | None = None
        self._stop: Stop | None = None

    def moor(self) -> Berth:
        """The berth of the run; Mistakes where nothing supervises it."""
        if self._supervisor is None:
            from drillbook.common.progress import through
            from drillbook.supervisor import arm, orderly_stop

            self._stop = self._undo.enter_context(orderly_stop())
            self._controller.stopped = self._stop.asks
            self._supervisor = arm(self._controller.run, say=through(self._controller.tell))
        supervisor = self._supervisor
        if not supervisor.alive:
            raise Mistakes(["the supervisor of this run has died: nothing more is started; run the drills anew"])
        return Berth(supervisor.run, supervisor.labels, supervisor.folder)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self) -> None:
        """Arms before the first xdist worker is started, so that it dies with the run; and listens to workers."""
        from drillbook.plugin.telling import Listener

        self._undo.callback(Listener(self.moor().folder, self._controller.tell).close)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Gives an xdist worker the berth."""
        node.workerinput[BERTH] = self.moor().to_plain()

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, exitstatus: int) -> Any:
        """Removes everything before the exit code is decided: once the drills' own watch has ended, and at once
        where the run is interrupted, for xdist would wait ten seconds for workers that are in the middle of a drill.
        A signal that comes now ends nothing sooner, and is in the exit code.
        """
        orderly = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if self._stop:
            self._stop.wind_up(begun=exitstatus == pytest.ExitCode.INTERRUPTED)
        if not orderly:
            self._close(settled=False)
        result = yield
        self._close(settled=orderly)
        return result

    def _close(self, *, settled: bool) -> None:
        if self._supervisor:
            self._controller.leave(self._supervisor.close(settled=settled).left)

    def pytest_unconfigure(self) -> None:
        """Puts the signal handlers back."""
        self._undo.close()


def _target(text: str | None, library: Library) -> Target:
    if not text:
        known = ", ".join(library.names()) or "none: add a folder to systems/"
        raise Mistakes([f"no system chosen: pass --target SYSTEM (known: {known})"])
    system, at, environment = text.partition("@")
    if at and environment != DRILL:
        raise Refused([f"drills make their own environment and never touch {text}: pass --target {system}"])
    stack = library.read(system).stack
    if stack is None:
        raise Mistakes(library.told(system, ["stack: is missing: a drill needs a table [stack]"]))
    return target_of(library, system, make_plan(stack))  # described, not started
