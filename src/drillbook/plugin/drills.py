"""Drills under pytest: the fixture `rehearse`, one stack for each process that runs drills, and what they tell.

A stack is used again for the next drill only once its steady state has been verified anew. What happens in an xdist
worker is told to the controller, which alone writes the journal and the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.progress import through
from drillbook.drills.failed import Failed, Unsettled
from drillbook.drills.rehearsal import Rehearsal
from drillbook.drills.watch import Watch, watch
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict
from drillbook.plugin.judging import record
from drillbook.stack import compose
from drillbook.stack.drill import start_stack
from drillbook.stack.logs import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.common.progress import Tell
    from drillbook.drills.drill import Drill
    from drillbook.drills.rehearsal import Times
    from drillbook.stack.drill import Berth
    from drillbook.stack.handle import Running
    from drillbook.system.library import Library
    from drillbook.system.target import Target

# The phases in which nothing was found out about the system.
INCONCLUSIVE = ("steady state", "fault", "witness", "watch", "read back")


class Drills:
    """Runs this process's drills on a stack of its own; `moor` gives the berth of a run that is supervised."""

    def __init__(
        self, library: Library, target: Target, *, moor: Callable[[], Berth], tell: Tell, control: bool
    ) -> None:
        self._library, self._target = library, target
        self._moor, self._tell, self._control = moor, tell, control
        self._running: Running | None = None
        self._watch: Watch | None = None

    @pytest.fixture
    def rehearse(self, request: pytest.FixtureRequest) -> Callable[[Drill], None]:
        """Rehearses a drill; the test fails in the phase that did not come out."""
        return lambda drill: self._rehearse(drill, request.node)

    def pytest_sessionfinish(self) -> None:
        """Ends the watch; the supervisor removes the stack."""
        if self._watch:
            self._watch.stop()

    def _rehearse(self, drill: Drill, item: pytest.Item) -> None:
        __tracebackhide__ = True
        why_not = drill.why_not(self._target)
        if why_not:
            pytest.skip(why_not)
        name = f"drill.{item.name.removeprefix('test_')}"
        if off := "; ".join(drill.not_judged(self._target.limits)):
            self._tell("mistake")
            record(item, _verdict(name, Outcome.UNKNOWN, off, drill))
            return
        self._validate(drill)
        self._tell("drill", check=item.nodeid, runbook=drill.runbook, control=self._control)
        try:
            times = self._on_a_stack(drill)
        except Refused as refused:
            self._tell("refused", reason=str(refused))
            record(item, _verdict(name, Outcome.UNKNOWN, f"refused: {refused}", drill))
        except Mistakes as mistakes:
            record(item, _verdict(name, Outcome.UNKNOWN, str(mistakes).replace("\n", " "), drill))
        except Failed as failed:
            outcome = Outcome.UNKNOWN if failed.phase in INCONCLUSIVE else Outcome.BREACHED
            record(item, _verdict(name, outcome, str(failed), drill))
            if isinstance(failed, Unsettled):
                self._give_up()
        else:
            record(item, _verdict(name, Outcome.OK, self._words(times), drill))

    def _validate(self, drill: Drill) -> None:
        runbook = self._target.system.runbook
        mistakes = [*drill.mistakes(self._target.limits, runbook.sections if runbook else None)]
        if mistakes:
            raise Mistakes(mistakes)

    def _on_a_stack(self, drill: Drill) -> Times:
        from drillbook.drills.ledger import Ledgers

        running, seen = self._stack()
        with Ledgers(running.target, running.run) as ledgers:
            rehearsal = Rehearsal(drill, running, seen, ledgers, self._tell, control=self._control)
            return rehearsal.run()

    def _stack(self) -> tuple[Running, Watch]:
        berth = self._moor()
        if self._running is None or self._watch is None or self._watch.over:
            self._give_up()
            system, aside = self._target.system.system.name, through(self._tell)
            self._running = start_stack(self._library, system, berth, self._say, progress=aside)
            name, environ = self._running.target.name, {**self._running.values, **told(self._running)}
            self._watch = watch(berth, name, root=self._library.root, environ=environ, keep=self._keep)
        return self._running, self._watch

    def _keep(self, line: dict[str, Any]) -> None:
        """Passes on what the watch has seen: its verdicts and rounds are facts of this run."""
        if line["kind"] in ("verdict", "round"):
            self._tell(**line)

    def _say(self, words: str) -> None:
        self._tell("phase", phase="stack", words=words)

    def _give_up(self) -> None:
        """Ends the watch and removes the stack, if there is one: the next drill has a new one."""
        if self._watch:
            self._watch.stop()
        if self._running:
            compose.remove(self._running.run, self._running.project, say=through(self._tell))
        self._watch = self._running = None

    def _words(self, times: Times) -> str:
        if self._control:
            return f"detected in {times.detected:.1f} s, and did not recover without its fix"
        lost = "nothing lost" if self._target.system.ledgers else "no ledger is declared"
        return f"detected in {times.detected:.1f} s, recovered {times.recovered:.1f} s after the fix, {lost}"


def _verdict(name: str, outcome: Outcome, reason: str, drill: Drill) -> Verdict:
    worst = Severity.CRITICAL
    severity = None if outcome is Outcome.OK else worst
    value = {Outcome.OK: True, Outcome.BREACHED: False}.get(outcome)
    return Verdict(name, outcome, severity, worst, value=value, reason=reason, source=drill.runbook)
