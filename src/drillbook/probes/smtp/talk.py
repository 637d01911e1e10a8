"""The dialogue with a mail server: lines are said, and replies taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import said

if TYPE_CHECKING:
    import asyncio

_MOST_LINES = 100


class Stranger(Exception):
    """Somebody answers whom we do not go on talking to: who does not speak SMTP, or wants a password unencrypted."""


@dataclass
class Talk:
    """A connection on which lines are exchanged; the last one of theirs is `heard` in what was `found`."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    found: dict[str, Any]

    def hello(self) -> str:
        """Who we are, as RFC 5321 has it for whom no name leads to: servers refuse what is no whole name."""
        own = self.writer.get_extra_info("sockname")[0].partition("%")[0]
        return f"EHLO [{'IPv6:' if ':' in own else ''}{own}]"

    async def ask(self, line: str) -> tuple[int, dict[str, list[str]]]:
        """What is answered to a line."""
        await self.say(line)
        return await self.reply()

    async def say(self, line: str) -> None:
        """Sends a line."""
        self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()

    async def reply(self) -> tuple[int, dict[str, list[str]]]:
        """A reply's code, and the words of each of its lines by the first one."""
        words: dict[str, list[str]] = {}
        for _ in range(_MOST_LINES):
            line = (await self.reader.readuntil(b"\n")).decode("utf-8", "replace").rstrip("\r\n")
            if not line[:3].isdecimal() or line[3:4] not in ("", " ", "-"):
                raise Stranger(f"it does not speak SMTP, it said {line!r:.60}")
            self.found["heard"] = said(line)
            first, *others = line[4:].upper().split() or [""]
            words[first] = others
            if line[3:4] != "-":
                return int(line[:3]), words
        raise Stranger(f"one reply of it has more than {_MOST_LINES} lines")
