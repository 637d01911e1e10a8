"""How a copy of a system is started, and what a drill may do to its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from drillbook.system.strict import Name, Path_, Size, Strict, VolumeName


class Trouble(Strict):
    """What misbehaves on request, in a drill alone: only a drill makes the token, and gives it to the compose file.

    `token` is the compose file's variable for it, `header` where each call to `service` carries it. POST to `leak`
    with `{"connections": N}` leaks so many transactions, DELETE of `off` ends all trouble.
    """

    service: Name
    token: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
    leak: Path_
    off: Path_


class Stack(Strict):
    """How `drillbook up` starts the system: its compose file, the secrets to make, the addresses that result.

    In `addresses`, `{backend:8000}` stands for where that port of that compose service was published, and
    `{NAME}` for the secret of that name. `volumes` are those that a drill bounds, with their sizes, so that they can
    be filled: `pgdata = "192m"`.
    """

    compose: str
    secrets: list[str] = []
    addresses: dict[str, str] = {}
    volumes: dict[VolumeName, Size] = {}
    trouble: Trouble | None = None

    @model_validator(mode="after")
    def _has_no_trouble_without_a_drill(self) -> Stack:
        if self.trouble and self.trouble.token in self.secrets:
            raise ValueError(f"{self.trouble.token} is for drills only: leave it out of stack.secrets")
        return self
