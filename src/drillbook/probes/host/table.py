"""The table of a service of kind `host`."""

from __future__ import annotations

from pydantic import Field

from drillbook.probes.http.pages import Values  # pydantic reads it
from drillbook.system.reads import Read
from drillbook.system.services import Reference, Service
from drillbook.system.strict import Path_


class HostService(Service):
    """A machine, seen through its node_exporter."""

    url: Reference
    """The node_exporter's address: `http://HOST:9100`."""
    headers: Values = {}
    """Headers that it is asked with. One that holds a secret is given by reference."""
    proxy: Reference | None = None
    """The HTTP proxy through which it is asked; without it none is, whatever the environment says."""
    mounts: list[Path_] = Field(default=["/"], min_length=1)
    """The mount points of the file systems that matter, as the node_exporter names them."""


class MetricRead(Read):
    """The series of one metric that carry these labels."""

    metric: str
    """The name of the metric."""
    labels: dict[str, str] = {}
    """The labels that its series must carry."""
