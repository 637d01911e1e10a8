"""The view as HTML: one file without scripts, whose policy lets a browser load nothing and obey one stylesheet."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from drillbook.inert import inert
from drillbook.report.line import head
from drillbook.report.page import sentences, words
from drillbook.report.page.loads import QUANTILES
from drillbook.report.page.view import tone_of

if TYPE_CHECKING:
    from drillbook.report.page.view import View

HERE = Path(__file__).parent
STYLE = "page.css"
TEMPLATE = "page.html.j2"
FILTERS = ("clock", "day_and_clock", "machine_time", "span", "amount", "share", "capital")


def render(shown: View) -> str:
    """The page's text."""
    style = (HERE / STYLE).read_text(encoding="utf-8")
    template = _environment().get_template(TEMPLATE)
    sheet = Markup(style)  # noqa: S704 (our own file)
    return template.render(view=shown, story=shown.story, style=sheet, policy=_policy(style))


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    nothing = "default-src 'none'; img-src 'none'; base-uri 'none'; form-action 'none'"
    return f"{nothing}; style-src 'sha256-{digest}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {name: getattr(sentences, name) for name in ("finding", "often", "call")}
    environment.globals |= {"many": words.many, "trips_at": words.trips_at, "tone_of": tone_of, "head": head}
    environment.globals |= {"quantiles": QUANTILES}
    environment.filters |= {name: getattr(words, name) for name in FILTERS}
    return environment


def _shown(value: Any) -> Any:
    """Whatever the template puts into the page: text is made inert here, all of it, before it is escaped."""
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value
