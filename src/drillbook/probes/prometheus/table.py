"""The table of a service of kind `prometheus`, and what can be read from it for a signal."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from drillbook.probes.http.pages import Values  # pydantic reads it
from drillbook.system.reads import Read
from drillbook.system.services import Reference, Service
from drillbook.system.strict import Strict

Word = Literal["low", "medium", "high", "critical"]

SEVERITIES: dict[str, Word] = {
    "critical": "critical",
    "page": "critical",
    "high": "high",
    "error": "high",
    "medium": "medium",
    "warning": "medium",
    "low": "low",
    "info": "low",
}


def _with_the_usual(stated: dict[str, Word]) -> dict[str, Word]:
    return SEVERITIES | stated


class Alerts(Strict):
    """How bad alerts are."""

    label: Annotated[str, Field(min_length=1)] = "severity"
    """The label in which alerts say it."""
    severities: Annotated[dict[str, Word], AfterValidator(_with_the_usual)] = SEVERITIES
    """The severity that each value of the label means, beside the usual ones; `""` stands for alerts without it."""
    ignore: list[str] = ["Watchdog", "InfoInhibitor"]
    """The alerts that always fire, or say nothing of the system."""


class PrometheusService(Service):
    """A Prometheus server, or another that speaks its API: Mimir, Thanos."""

    url: Reference
    """Its address: what `/api/v1` comes after."""
    headers: Values = {}
    """Headers that are sent with whatever is asked. One that holds a secret is given by reference."""
    proxy: Reference | None = None
    """The HTTP proxy through which it is asked; without it none is, whatever the environment says."""
    targets: list[str] = []
    """The targets that it must know: a job, or JOB/INSTANCE. Any target that it does not reach counts as down."""
    alerts: Alerts = Alerts()
    """What the severities of its alerts mean."""


class PromqlRead(Read):
    """What an instant query gives: one number, or one for each series."""

    promql: Annotated[str, Field(min_length=1)]
    """The query. Growth is said in it: `rate(sent_total[5m])`."""
    label: Annotated[str, Field(min_length=1)] | None = None
    """The label that names a series; without it all its labels do."""

    def refused(self, how: str) -> str:
        """That two readings a few seconds apart, of which both may be of one scrape, are no growth."""
        return (
            f'of a Prometheus it is said in PromQL: {how}(…[5m]), and as = "value"'
            if how in ("rate", "increase")
            else ""
        )
