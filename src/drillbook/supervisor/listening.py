"""What the supervisor hears from its run, and how it knows that the run has ended."""

from __future__ import annotations

import select
from dataclasses import dataclass, field

from drillbook.supervisor.lines import Lines
from drillbook.supervisor.process import handle_of, look

CHECK_SECONDS = 1.0


@dataclass
class Heard:
    """The processes that the run registered; whether it said that nothing of its is under way any more."""

    registered: set[tuple[int, int]] = field(default_factory=set)
    settled: bool = False
    end: bool = False

    def note(self, facts: dict[str, object]) -> None:
        """Takes up one line of the run's."""
        self.end = self.end or bool(facts.get("end"))
        self.settled = self.settled or bool(facts.get("settled"))
        pid, started = facts.get("pid"), facts.get("started")
        if isinstance(pid, int) and isinstance(started, int):
            self.registered.add((pid, started))


def listen(source: int, heard: Heard, run: tuple[int, int]) -> None:
    """Returns once the pipe is closed, the run has said so, or its process is gone.

    The pipe alone would not do: a process that the run forked without starting a program may hold it open.
    """
    lines = Lines(source)
    handle = handle_of(run[0])
    while not heard.end and lines.open:
        _wait(source, handle)
        alive = _lives(run)
        while facts := lines.wait(0):
            heard.note(facts)
        if not alive:
            return


def _wait(source: int, handle: int | None) -> None:
    poll = select.poll()
    poll.register(source, select.POLLIN)
    if handle is not None:
        poll.register(handle, select.POLLIN)
    poll.poll(CHECK_SECONDS * 1000)


def _lives(run: tuple[int, int]) -> bool:
    found = look(run[0])
    return found is not None and found.same(*run) and not found.ended
