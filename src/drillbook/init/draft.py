"""The draft of a system file: each thing that was found as a table, and each that was not as a comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.init import notes
from drillbook.init.parts import Part
from drillbook.init.tables import Table, text_of
from drillbook.init.words import named, slug
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.init.compose import Composed
    from drillbook.init.web import Web


@dataclass(frozen=True)
class Draft:
    """What goes into the file: the system's name, where it runs, what was found, and the variables that were given.

    `unanswered` says after what nothing was asked any more; `compose` is the path of the compose file from the file's
    folder.
    """

    name: str
    environment: str
    web: Web
    unanswered: str = ""
    by_tls: bool = False
    composed: Composed | None = None
    compose: str = ""
    database: str | None = None
    redis: str | None = None

    @property
    def text(self) -> str:
        """The whole file."""
        return text_of(self._tables())

    @property
    def variables(self) -> dict[str, str]:
        """The variables that hold addresses, each with the service that it belongs to."""
        return {self._variable(part): name for name, part in self._parts.items() if _has_an_address(part)}

    @property
    def mistakes(self) -> Iterator[str]:
        """A line for each variable that would hold several addresses."""
        holds: dict[str, list[str]] = {}
        for name, part in self._parts.items():
            if _has_an_address(part):
                holds.setdefault(self._variable(part), []).append(name)
        for variable, names in holds.items():
            if len(names) > 1:
                yield f"{variable} cannot hold the addresses of {' and '.join(names)}: name another variable"

    @property
    def missing(self) -> list[str]:
        """The tables of the service at the address that were not found."""
        figures = self.web.figures and len(self.web.figures.lines) > 1
        found = {"health": self.web.health, "metrics": figures, "endpoints": self.web.endpoints}
        return [table for table, one in found.items() if not one]

    @property
    def can_be_started(self) -> bool:
        """Whether a copy can be started from the compose file."""
        return bool(self.composed and self.composed.web and self.composed.web.service not in self.composed.left_out)

    @property
    def _parts(self) -> dict[str, Part]:
        """Every service, by its name in the file: the one at the address first."""
        web = (self.composed and self.composed.web) or Part("web", "http", ("api",))
        parts = (web, *(self.composed.parts if self.composed else ()), *self._given())
        return named(((part.service, part) for part in parts), "service")

    def _given(self) -> Iterator[Part]:
        """The services that only a variable speaks of."""
        there = {part.kind for part in self.composed.parts} if self.composed else set()
        if self.database and "postgres" not in there:
            yield Part("database", "postgres", ("database",))
        if self.redis and "redis" not in there:
            yield Part("redis", "redis", ("cache",), notes=(notes.ROLES,))

    def _variable(self, part: Part) -> str:
        """The variable that holds the address of a service."""
        its = [one for one in self._parts.values() if one.kind == part.kind]
        given = {"postgres": self.database, "redis": self.redis}.get(part.kind)
        if part == its[0] and (given or part.kind == "http"):
            return given or self._prefixed("URL")
        called = {"postgres": "database"}.get(part.kind, part.kind) if len(its) == 1 else slug(part.service)
        return self._prefixed(f"{called}_URL")

    def _prefixed(self, name: str) -> str:
        return f"{self.name}_{name}".upper().replace("-", "_")

    def _tables(self) -> Iterator[Table]:
        yield Table("", above=notes.HEAD)
        yield Table("system", {"name": self.name})
        (name, web), *others = self._parts.items()
        yield from self._of_web(f"services.{name}", web)
        for called, part in others:
            yield self._of_part(called, part)
        if self.composed and self.composed.notes:
            yield Table("", above=("What the compose file has beside these:", *self.composed.notes))
        yield Table("", above=notes.LIMITS)
        yield from self._environments()
        yield from self._stack() if self.composed else ()

    def _of_web(self, where: str, part: Part) -> Iterator[Table]:
        """The service at the address, with a table or a comment for each thing that is asked of such a service."""
        web = self.web
        ready = {"ready": web.ready.lines} if web.ready else {}
        below = (*notes.other_pages(web.others, found=bool(web.health)), notes.CERTIFICATE if self.by_tls else "")
        yield Table(where, {**self._values(part), **ready}, (self.unanswered,), below)
        if web.health:
            yield Table(f"{where}.health", web.health.lines, below=web.health.shape.notes)
        if web.health and web.health.shape.parts:
            yield Table(f"{where}.health.parts", web.health.shape.parts)
        if web.figures and "metrics" not in self.missing:
            yield Table(f"{where}.metrics", web.figures.lines, below=web.figures.notes)
        if web.endpoints:
            yield Table(f"{where}.endpoints", web.endpoints, (notes.USERS,))
        seen = {"metrics": web.figures.notes if web.figures else ()}
        for what in self.missing:
            yield Table("", above=(*seen.get(what, ()), *notes.missing(what, where, looked=not self.unanswered)))

    def _of_part(self, name: str, part: Part) -> Table:
        monitor = notes.monitor(self._prefixed("MONITOR_URL")) if part.kind == "postgres" else ()
        return Table(f"services.{name}", self._values(part), below=(*part.notes, *monitor))

    def _values(self, part: Part) -> dict[str, Any]:
        roles = {"roles": [*part.roles]} if part.roles else {}
        address = {kinds()[part.kind].address: {"env": self._variable(part)}} if _has_an_address(part) else {}
        return {"kind": part.kind, **roles, **address, **part.more}

    def _environments(self) -> Iterator[Table]:
        """Where it was found, and a copy of one's own, which nobody else visits."""
        for one in dict.fromkeys([*(["local"] if self.can_be_started else []), self.environment]):
            ours = one == "local"
            values = {"kind": one, **({"traffic": "ours"} if ours else {})}
            yield Table(f"environments.{one}", values, below=(notes.OURS if ours else notes.VISITORS,))

    def _stack(self) -> Iterator[Table]:
        found = self.composed
        if not found or not self.can_be_started:
            web = found.web.service if found and found.web else ""
            yield Table("", above=(notes.not_startable(web, found.left_out if found else {}),))
            return
        lists = {"secrets": [*found.secrets], "leave_out": [*found.left_out]}
        values = {"compose": self.compose, **{key: one for key, one in lists.items() if one}}
        yield Table("stack", values, (notes.STACK,), tuple(notes.left_out(found.left_out)))
        places = {self._variable(one): one.address for one in self._parts.values() if _has_an_address(one)}
        known = {variable: one for variable, one in places.items() if one}
        unknown = (f"Where {variable} leads in a copy is not known." for variable in places if variable not in known)
        yield Table("stack.addresses", known, below=tuple(unknown))


def _has_an_address(part: Part) -> bool:
    """Whether it is asked itself, and not seen through another service."""
    return not kinds()[part.kind].through
