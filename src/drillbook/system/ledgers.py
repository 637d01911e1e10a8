"""What clients write during a drill and where it can be read back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue, field_validator

from drillbook.limit import duration
from drillbook.system.strict import JsonPath, Name, Path_, Strict


class LedgerWrite(Strict):
    """What clients write: `json` with a unique `key` of each write's own, sent with POST `every` so often.

    `acknowledged` are the statuses that promise it was done, `refused` those that promise it was not: where they
    are not given, every 4xx but 408 and 409. Any other answer leaves open what happened.
    """

    service: Name
    path: Path_
    json_: dict[str, JsonValue] = Field(alias="json")
    key: str = "key"
    acknowledged: list[Annotated[int, Field(ge=200, le=299)]] = Field(min_length=1)
    refused: list[Annotated[int, Field(ge=400, le=599)]] | None = None
    every: str = "200ms"

    @field_validator("every")
    @classmethod
    def _is_often(cls, value: str) -> str:
        if duration(value) < 0.01:
            raise ValueError("writes at most once every 10ms")
        return value


class LedgerRead(Strict):
    """Where the same service lists what it has: the list at `items`, each with its `id` and the client's `key`.

    A path with `{since}` is asked page after page, oldest first, each time for what comes after the last id.
    `times` is the field that counts how often an item was done, where there is one.
    """

    path: Path_
    items: JsonPath
    id: str = "id"
    key: str = "key"
    times: str | None = None


class Ledger(Strict):
    """What is acknowledged to clients during a drill, and read back: it keeps all of it, or it may lose some.

    `may_lose` is the title of the runbook's section that accepts the loss. `settles` is how long what was
    acknowledged may take until it can be read, redeliveries included.
    """

    write: LedgerWrite
    read: LedgerRead
    keeps: bool = False
    may_lose: str | None = None
    settles: str = "0s"

    @field_validator("settles")
    @classmethod
    def _is_duration(cls, value: str) -> str:
        duration(value)
        return value
