"""The view as HTML: one file without scripts, whose policy lets a browser load nothing and obey one stylesheet."""

from __future__ import annotations

import base64
import hashlib
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from drillbook.common.inert import inert
from drillbook.judging.line import head
from drillbook.report.page import sentences, words
from drillbook.report.page.loads import QUANTILES
from drillbook.report.page.view import tone_of

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.bccache import Bucket

    from drillbook.report.page.view import View

HERE = Path(__file__).parent
STYLE = "page.css"
TEMPLATE = "page.html.j2"
FILTERS = ("clock", "day_and_clock", "machine_time", "span", "amount", "share", "capital")


class Compiled(FileSystemBytecodeCache):
    """The compiled templates, kept where Python keeps the compiled modules; done without where it may not write."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Writes one template, if it can."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


def ready() -> None:
    """Loads the template: the longer part of the work, which needs no run to be over."""
    _template()


def render(shown: View) -> str:
    """The page's text."""
    style = (HERE / STYLE).read_text(encoding="utf-8")
    sheet = Markup(style)  # noqa: S704 (our own file)
    return _template().render(view=shown, story=shown.story, style=sheet, policy=_policy(style))


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    nothing = "default-src 'none'; img-src 'none'; base-uri 'none'; form-action 'none'"
    return f"{nothing}; style-src 'sha256-{digest}'"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        bytecode_cache=Compiled(str(HERE / "__pycache__"), "%s.jinja"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    said = ("found", "often", "call", "and_so", "by_reason", "read_at")
    environment.globals |= {name: getattr(sentences, name) for name in said}
    environment.globals |= {"many": words.many, "trips_at": words.trips_at, "tone_of": tone_of, "head": head}
    environment.globals |= {"quantiles": QUANTILES}
    environment.filters |= {name: getattr(words, name) for name in FILTERS}
    return environment.get_template(TEMPLATE)


def _shown(value: Any) -> Any:
    """Whatever the template puts into the page: text is made inert here, all of it, before it is escaped."""
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value
