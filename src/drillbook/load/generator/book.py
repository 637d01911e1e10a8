"""What happens in a run, as it happens: arrivals that begin, requests that end, and what never came to an end."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from drillbook.load.generator.client import SECONDS
from drillbook.load.generator.reasons import CUT_OFF, NO_ANSWER, reason_of, thrown
from drillbook.load.generator.tally import Lateness, Samples
from drillbook.load.generator.visitor import TURN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.load.generator.arrival import Arrival
    from drillbook.load.generator.client import Turn

GRACE = 1.0  # seconds after the profile's end in which an arrival still counts as sent


class Book:
    """Takes in what happens. All moments are of the monotonic clock; what it tells is in seconds since the start."""

    def __init__(self, started: float, seconds: float) -> None:
        self.started, self.ends = started, started + seconds
        self.samples, self.lateness = Samples(), Lateness()
        self.begun = self.begun_by_the_end = 0

    def begins(self, arrival: Arrival, turn: Turn) -> None:
        """An arrival has come to its visitor."""
        turn.due, turn.began, turn.asking = arrival.due, monotonic(), ""
        self.lateness.add(turn.began - arrival.ready)
        self.begun += 1
        self.begun_by_the_end += turn.began <= self.ends + GRACE

    def ended(
        self, *, name: str, response_time: float, exception: Exception | None, context: dict[str, Any], **_: Any
    ) -> None:
        """A request has ended: Locust's event. The first of an arrival took as long as it is since that was due."""
        turn: Turn = context[TURN]
        took, due = response_time / 1000, turn.due
        if due is None:
            due = monotonic() - took
        else:
            took, turn.due = took + turn.began - due, None
        self._add(name, due, took, reason_of(exception) if exception else "")

    def failed(self, name: str, due: float, error: BaseException) -> None:
        """What a profile does in `name` has raised an error."""
        self._add(name, due, monotonic() - due, thrown(error))

    def cut_off(self, arrival: Arrival, turn: Turn) -> None:
        """An arrival had not ended when the run did."""
        took = monotonic() - arrival.due
        if turn.asking:
            self._add(turn.asking, arrival.due, took, NO_ANSWER if took >= SECONDS else CUT_OFF)
        elif turn.due is not None:
            self._add(arrival.name, arrival.due, took, CUT_OFF)

    def never_sent(self, arrival: Arrival, why: str, *, late: bool) -> None:
        """Nobody came for an arrival before the run was over; `late` where the generator itself is to blame."""
        waited = monotonic() - arrival.due
        self.lateness.add(waited if late else 0.0)
        self._add(arrival.name, arrival.due, waited, f"never sent: {why}")

    def lines(self) -> Iterator[bytes]:
        """What there is to tell since the last time, as lines of the protocol."""
        return self.samples.lines(monotonic() - self.started, self.begun)

    def _add(self, name: str, due: float, took: float, reason: str) -> None:
        self.samples.add(name, due - self.started, took, reason)
