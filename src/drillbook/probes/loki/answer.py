"""What a Loki answers to an instant query: as a Prometheus does, but for its mistakes, which are plain text.

The lines of a log are no answer to us: none is told to anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.probes import jsonpath
from drillbook.probes.failure import said
from drillbook.probes.http.answers import status_line
from drillbook.probes.loki.reading import QUERY
from drillbook.probes.prometheus import answer
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from drillbook.probes.page import Page
    from drillbook.probes.prometheus.answer import Sample
    from drillbook.system.target import Service

_MISTAKE, _NOBODY = 400, 401


def samples(service: Service, page: Page, what: str) -> list[Sample]:
    """Each series of the answer; Unmeasured where it is none, or log lines."""
    asked = f"{service.name}, asked for {what}"
    if page["status"] == _MISTAKE:
        raise Unmeasured(f"{asked}, answered {_MISTAKE}: {said(page['body'])}")
    if page["status"] == _NOBODY and "org id" in page["body"]:
        raise Unmeasured(f'{service.name} wants a tenant: write headers = {{ X-Scope-OrgID = "…" }} in its table')
    if page["status"] in (200, 404):
        _are_figures(page, asked)
    return answer.samples(service, page, what, QUERY)


def _are_figures(page: Page, asked: str) -> None:
    try:
        found = jsonpath.parse(page["body"])
    except Unmeasured:
        raise Unmeasured(f"{asked}: {status_line(page, 'it')}: is this a Loki?") from None
    data = found.get("data") if isinstance(found, dict) else None
    if isinstance(data, dict) and data.get("resultType") == "streams":
        raise Unmeasured(f"{asked}, gives log lines: count them, as in count_over_time({{…}} [5m])")
