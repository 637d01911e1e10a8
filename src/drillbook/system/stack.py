"""How a copy of a system is started, and what a drill may do to its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from drillbook.system.strict import Name, Path_, Size, Strict, Traffic, Variable, VolumeName, form

_PLACE = 'name a volume, or a service and the folder in it: "pgdata", "cache:/data"'
_FOLDER = 'write "empty", or a folder beside this file: "./seed"'
_HEADER = "the name of a header has letters, digits and -"
ContentsName = Annotated[str, form(r"[A-Za-z0-9][A-Za-z0-9_.-]*(:/\S*)?", _PLACE, "a place in the copy")]
Contents = Annotated[str, form(r"\S.*", _FOLDER, "what is there")]
Header = Annotated[str, form(r"[A-Za-z][A-Za-z0-9-]*", _HEADER, "a header's name")]


class Trouble(Strict):
    """What misbehaves on request, in a drill alone: only a drill makes the token, and gives it to the compose file."""

    service: Name
    """The http service that has such switches."""
    token: Variable
    """The compose file's variable for the token. It is no secret of `stack.secrets`: nobody but a drill has it."""
    header: Header
    """The header in which each call carries the token."""
    leak: Path_ | None = None
    """POST to it with `{"connections": N}` leaks so many transactions, where it can do that."""
    off: Path_
    """DELETE of it ends all trouble."""


class Stack(Strict):
    """How a copy of the system is started, by `drillbook up` and by drills: nothing of the original is touched."""

    compose: str
    """The compose file, by its path from the folder of this file. Your own is taken as it is."""
    secrets: list[str] = []
    """The compose file's variables for which a secret is made, anew for each copy."""
    addresses: dict[str, str] = {}
    """The variables that services are referred to by, and what they hold in a copy. `{backend:8000}` stands for where
    that port of that compose service was published, `{NAME}` for the secret of that name, or for the value that your
    environment or `.env` gives to compose."""
    leave_out: list[str] = []
    """Services of the compose file that the copy does without."""
    contents: dict[ContentsName, Contents] = {}
    """What a volume, or a folder that is written to, holds in the copy: `"empty"`, or a folder beside this file."""
    volumes: dict[VolumeName, Size] = {}
    """The volumes that a drill bounds, in memory and with these sizes, so that they can be filled. What is in them
    stays there while their service is down."""
    trouble: Trouble | None = None
    """What misbehaves on request, in a drill alone."""
    traffic: Traffic = "visitors"
    """As in an environment, for drills, where nobody visits the copy but the drill's own clients."""

    @model_validator(mode="after")
    def _has_no_trouble_without_a_drill(self) -> Stack:
        if self.trouble and self.trouble.token in self.secrets:
            raise ValueError(f"{self.trouble.token} is for drills only: leave it out of stack.secrets")
        return self
