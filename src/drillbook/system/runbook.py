"""The runbook: its title, its sections, and where in it a section is read."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import model_validator

from drillbook.system.names import nearest
from drillbook.system.strict import Strict, form

_WHOLE = ("https://", "http://")
_WEB = "the address of a page begins with https:// or http:// and has no blanks, quotes, brackets or password"
_ANCHOR = "an anchor is what follows the # of a section's address, or all of it, without blanks, quotes or brackets"
WebPage = Annotated[str, form(r"https?://[^\s\"'<>()\[\]{}|\\^`@#]+", _WEB, "the address of a page")]
Anchor = Annotated[str, form(r"[^\s\"'<>()\[\]{}|\\^`@]+", _ANCHOR, "an anchor")]


class Runbook(Strict):
    """Where the figures come from."""

    title: str
    """The title of the document."""
    sections: list[str]
    """The titles of its sections: what `from` and `may_lose` name must be among them."""
    url: WebPage | None = None
    """Where it is read: reports lead there, each line to its section."""
    anchors: dict[str, Anchor] = {}
    """What leads to a section, where that is not its title in small letters with dashes: what follows the `#`, or the
    whole address where a section has a page of its own."""

    @model_validator(mode="after")
    def _names_sections_that_there_are(self) -> Runbook:
        for title in self.anchors:
            if title not in self.sections:
                raise ValueError(f"anchors: {title!r} is not among sections{nearest(title, self.sections)}")
        return self

    def page(self, section: str) -> str:
        """Where that section is read; empty where nobody says, and for what is no section."""
        if section not in self.sections:
            return ""
        anchor = self.anchors.get(section) or _slug(section)
        if anchor.startswith(_WHOLE):
            return anchor
        return f"{self.url}#{anchor}" if self.url else ""


def _slug(title: str) -> str:
    """The anchor of a heading, as GitHub, GitLab and most others make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
