"""What clients write during a drill and where it can be read back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue, field_validator

from drillbook.judging.limit import duration
from drillbook.system.strict import Duration, JsonPath, Name, Path_, Strict


class LedgerWrite(Strict):
    """What clients write during a drill, with POST.

    A status that is neither acknowledged nor refused leaves open what happened.
    """

    service: Name
    """The http service that is written to."""
    path: Path_
    """The path that is posted to."""
    json_: dict[str, JsonValue] = Field(alias="json")
    """The body of each write. Its `key` is added: leave it out."""
    key: str = "key"
    """The field of the body that tells one write from all others: each gets a value of its own."""
    acknowledged: list[Annotated[int, Field(ge=200, le=299)]] = Field(min_length=1)
    """The statuses that promise that it was done."""
    refused: list[Annotated[int, Field(ge=400, le=599)]] | None = None
    """The statuses that promise that it was not done; every 4xx but 408 and 409 where none are given."""
    every: Duration = "200ms"
    """How often one is sent: at most once every 10ms."""

    @field_validator("every")
    @classmethod
    def _is_often(cls, value: str) -> str:
        if duration(value) < 0.01:
            raise ValueError("writes at most once every 10ms")
        return value


class LedgerRead(Strict):
    """Where the same service lists what it has."""

    path: Path_
    """The path of the list. With `{since}` in it, it is asked page after page, oldest first, each time for what comes
    after the last id."""
    items: JsonPath
    """Where the list is in the answer."""
    id: str = "id"
    """The field of an item that orders the list."""
    key: str = "key"
    """The field of an item that holds what the client wrote as its key."""
    times: str | None = None
    """The field of an item that counts how often it was done, where there is one: more than once is told."""


class Ledger(Strict):
    """What is acknowledged to clients during a drill and read back afterwards: all is kept, or some may be lost."""

    write: LedgerWrite
    """What clients write."""
    read: LedgerRead
    """Where it is read back."""
    keeps: bool = False
    """Nothing that was acknowledged may be lost: a drill fails for one that is."""
    may_lose: str | None = None
    """The title of the runbook's section that accepts a loss: what is lost is counted then, and fails nothing."""
    settles: Duration = "0s"
    """How long what was acknowledged may take until it can be read, redeliveries included."""
