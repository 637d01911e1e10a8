"""The table of a service of kind `tls`."""

from __future__ import annotations

from drillbook.system.services import Reference, Service


class TlsService(Service):
    """A port that speaks TLS from the first byte: its certificate is judged.

    What is asked by `https://` or `rediss://` has its certificate judged without such a table.
    """

    url: Reference
    """Its address: `HOST:PORT`, `tls://HOST:PORT` or `https://HOST`."""
