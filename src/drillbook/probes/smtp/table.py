"""The table of a service of kind `smtp`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from drillbook.system.services import Reference, Service
from drillbook.system.strict import Strict, form

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # what may stand between < and >
Address = Annotated[str, form(ADDRESS.pattern, "write an address: checker@shop.example", "a mail address")]


class Mail(Strict):
    """The small mail that is handed over in each round, where the environment lets us."""

    from_: Reference | Address = Field(alias="from")
    """From whom it is."""
    to: Reference | Address
    """To whom it is: a mailbox that nobody minds."""


class SmtpService(Service):
    """A mail server that takes mail for delivery."""

    url: Reference
    """Its address: `smtp://USER:PASSWORD@HOST:587`, or `smtps://` where TLS is spoken from the first byte."""
    mail: Mail | None = None
    """The mail that is handed over, in drills and local environments, and where an environment `writes = ["mail"]`."""

    @property
    def mail_addresses(self) -> Mapping[str, Reference | str]:
        """From and to whom a mail is sent; nothing where none is."""
        return {"from": self.mail.from_, "to": self.mail.to} if self.mail else {}
