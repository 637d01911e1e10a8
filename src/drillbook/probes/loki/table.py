"""The table of a service of kind `loki`, and what can be read from it for a signal."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drillbook.probes.http.pages import Values  # pydantic reads it
from drillbook.system.reads import Read
from drillbook.system.services import Reference, Service


class LokiService(Service):
    """A Loki, for signals by LogQL. A tenant is a header: `X-Scope-OrgID`."""

    url: Reference
    """Its address: what `/loki/api/v1` comes after."""
    headers: Values = {}
    """Headers that are sent with whatever is asked. One that holds a secret is given by reference."""
    proxy: Reference | None = None
    """The HTTP proxy through which it is asked; without it none is, whatever the environment says."""


class LogqlRead(Read):
    """What an instant query of metrics gives: one number, or one for each series."""

    logql: Annotated[str, Field(min_length=1)]
    """The query. Growth is said in it: `count_over_time({…} |= "error" [5m])`."""
    label: Annotated[str, Field(min_length=1)] | None = None
    """The label that names a series; without it all its labels do."""

    def refused(self, how: str) -> str:
        """That growth is said in LogQL."""
        said = 'of a Loki it is said in LogQL: count_over_time({…} |= "error" [5m]), rate(…), and as = "value"'
        return said if how in ("rate", "increase") else ""
