"""The table of a service of kind `redis`."""

from __future__ import annotations

from typing import Annotated

from drillbook.probes.redis.commands import LOOKS, words
from drillbook.system.reads import Read
from drillbook.system.services import Reference, Timed
from drillbook.system.strict import read_by

_COMMAND = f"a Redis command is one of these, and its key: {', '.join(LOOKS)}"
Command = Annotated[str, read_by(words, "a Redis command", _COMMAND)]


class RedisService(Timed):
    """A Redis server, as a cache, a broker or both: say which in `roles`."""

    url: Reference
    """Its address: `redis://:PASSWORD@HOST:6379/0`, or `rediss://` with TLS. A Sentinel's is not understood."""


class CommandRead(Read):
    """What one command answers, that only looks: "LLEN emails"."""

    command: Command
    """The command, one that only looks at one key."""
