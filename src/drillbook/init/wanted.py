"""What the command line of `drillbook init` says, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, get_args
from urllib.parse import urlsplit

from drillbook.init.words import slug
from drillbook.system.strict import Form, Name, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Form = get_args(Name)[1]
_VARIABLE: Form = get_args(Variable)[1]


@dataclass(frozen=True)
class Wanted:
    """The options. The address may hold a login, and a hurried hand gives one in place of a variable's name."""

    url: str = field(repr=False)
    name: str | None = None
    compose: Path | None = None
    database: str | None = field(default=None, repr=False)
    redis: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Where the address leads."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int | None:
        """The port that the address names."""
        return urlsplit(self.url).port

    @property
    def default_name(self) -> str:
        """What the folder is called that the compose file lies in, or this one."""
        folder = self.compose.absolute().parent if self.compose else Path.cwd()
        return slug(folder.name) or "system"

    def mistakes(self) -> Iterator[str]:
        """A line for each option that is none, without what it holds."""
        if self.name is not None:
            yield from name_mistakes(self.name)
        yield from self._of_url()
        for what, value in (("database", self.database), ("redis", self.redis)):
            if value is not None and not _is(_VARIABLE, value):
                example = f"--{what}-env SHOP_{what.upper()}_URL"
                yield f"--{what}-env is the name of an environment variable, never what it holds: {example}"

    def _of_url(self) -> Iterator[str]:
        if not self._is_an_address():
            yield "--url is no http:// or https:// address: --url https://staging.shop.example"
        elif {"?", "#"} & {*self.url}:
            yield (
                "--url has a query or a fragment, and paths come after an address: give it without; a key that was in "
                'it goes into the file as a header, by { env = "NAME" }'
            )

    def _is_an_address(self) -> bool:
        try:
            return urlsplit(self.url).scheme in ("http", "https") and bool(self.host) and self.port != 0
        except ValueError:
            return False


def name_mistakes(name: str) -> Iterator[str]:
    """A line where that is no name of a system."""
    if not _is(_NAME, name):
        yield f"{name!r} is no name of a system: {_NAME.words}"


def _is(form: Form, text: str) -> bool:
    try:
        form.func(text)  # type: ignore[call-arg]
    except ValueError:
        return False
    return True
