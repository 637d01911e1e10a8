"""The table of somebody else's service: that of a service that speaks HTTP, without what is its owner's to judge."""

from __future__ import annotations

from pydantic import field_validator

from drillbook.probes.http.figures.table import Metrics
from drillbook.probes.http.table import HttpService, PageRead

__all__ = ["PageRead", "UpstreamService"]  # what can be read from it is what can be read from one of one's own


class UpstreamService(HttpService):
    """Somebody else's service that speaks HTTP: all that is declared of it comes to one verdict, `upstream.up`.

    Its keys are those of kind `http`, but for `metrics`. `kind = "http"` with `roles = ["upstream"]` says the same.
    """

    @field_validator("metrics")
    @classmethod
    def _is_theirs(cls, _value: Metrics | None) -> Metrics | None:
        raise ValueError("of a service of role upstream no metrics are judged: leave them out")
