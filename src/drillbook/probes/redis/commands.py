"""The commands that a signal may ask a Redis server: each looks at one key, and says one thing of it."""

from __future__ import annotations

import shlex

LOOKS = {  # what goes behind each
    "GET": "KEY", "STRLEN": "KEY", "EXISTS": "KEY", "TTL": "KEY", "PTTL": "KEY",
    "LLEN": "KEY", "SCARD": "KEY", "ZCARD": "KEY", "HLEN": "KEY", "XLEN": "KEY",
    "HGET": "KEY FIELD", "ZCOUNT": "KEY MIN MAX",
}  # fmt: skip


def words(text: str) -> tuple[str, ...]:
    """The command word by word, as in a shell; ValueError says which commands there are."""
    try:
        command, *rest = shlex.split(text)
    except ValueError:
        raise ValueError('write a command and its key: "LLEN emails"') from None
    return checked(command, *rest)


def checked(command: str, *rest: str) -> tuple[str, ...]:
    """The command in capitals and what goes behind it; ValueError says what is wrong with it."""
    name = command.upper()
    if name not in LOOKS:
        raise ValueError(f"{name[:40]} is not among the commands that may be asked: {', '.join(LOOKS)}")
    if len(rest) != len(LOOKS[name].split()):
        raise ValueError(f'write "{name} {LOOKS[name]}"')
    return (name, *rest)
