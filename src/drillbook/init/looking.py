"""Looks at what answers at an address: a few GET requests, each once, none after one that hangs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drillbook.common.login import taken_apart
from drillbook.common.redact import keep_secrets_of, scrub
from drillbook.probes import page, runner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.probes.failure import Failure

SECONDS = 3.0
JSON = {"Accept": "application/json"}
_LATER = 60.0  # what a deadline takes at most where we are late ourselves, and more


@dataclass(frozen=True)
class Seen:
    """What a page answered: its status, and its text without secrets."""

    path: str
    status: int
    text: str


@dataclass
class Look:
    """A look at one address; `failed` says why nothing more is asked, `asked` what was, with what it answered."""

    url: str = field(repr=False)
    failed: Failure | None = None
    asked: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keep_secrets_of(self.url)

    @property
    def place(self) -> str:
        """The host and port, fit to print."""
        return taken_apart(self.url).place or "the address"

    def at(self, path: str, headers: Mapping[str, str] | None = None, *, cap: int = page.MEBIBYTE) -> Seen | None:
        """The page at `path`, asked for the first time; None where it did not answer, or nobody is asked any more."""
        called = f"{path} as JSON" if headers else path
        if self.failed or called in self.asked:
            return None
        coroutine = page.get(page.address(self.url, path), headers=headers or {}, seconds=SECONDS, cap=cap)
        answer = runner.run(coroutine, within=SECONDS + _LATER)
        if answer["error"]:
            self._not_answered(called, answer["error"])
            return None
        self.asked[called] = str(answer["status"])
        return Seen(path, answer["status"], scrub(answer["body"]))

    def _not_answered(self, called: str, failed: Failure) -> None:
        """Goes on after a page alone that failed; not where nobody answered at all, or one hangs."""
        if not self.asked or failed.get("silent") or failed["kind"] == "busy":
            self.failed = {**failed, "path": called}
        self.asked[called] = failed["reason"]
