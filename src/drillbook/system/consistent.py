"""Whether a system file whose tables are right agrees with itself: what it refers to by name is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.system.elsewhere import DRILL, without_a_stack
from drillbook.system.kinds import kinds
from drillbook.system.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drillbook.system.file import System
    from drillbook.system.services import Service
    from drillbook.system.stack import Stack

HTTP = "http"
SERVERS = ("prometheus", "http", "upstream")  # kinds of services that know figures of others


def inconsistencies(system: System) -> Iterator[str]:
    """One line for each place of the file that names what the file does not have."""
    if DRILL in system.environments:
        yield "environments.drill: drills make their own environment of that name: choose another"
    for name, service in system.services.items():
        through = kinds()[service.kind].through
        if through and getattr(seen_through(service, system), "kind", "") != through.kind:
            other, there = getattr(service, through.key), of_kinds(system, through.kind)
            yield f"services.{name}.{through.key}: {other!r} is no {through.kind} service {there}"
        server = getattr(getattr(service, "metrics", None), "server", None)
        if server and getattr(system.services.get(server), "kind", "") not in SERVERS:
            yield f"services.{name}.metrics.server: {server!r} is no prometheus service {of_kinds(system, *SERVERS)}"
    yield from without_a_stack(system)
    trouble = system.stack.trouble if system.stack else None
    if trouble and getattr(system.services.get(trouble.service), "kind", "") != HTTP:
        yield f"stack.trouble.service: {trouble.service!r} is no http service {of_kinds(system, HTTP)}"
    sections = system.runbook.sections if system.runbook else None
    for name, limit in system.limits.items():
        if sections is not None and limit.from_ is not None and limit.from_ not in sections:
            yield f"limits.{name}.from: {limit.from_!r} is not among runbook.sections{nearest(limit.from_, sections)}"
    yield from ledger_mistakes(system)


def of_kinds(system: System, *kinds: str) -> str:
    """The services of these kinds, as the end of a line that says that something is none of them."""
    there = [name for name, one in system.services.items() if one.kind in kinds]
    return f"of this file (there: {', '.join(there) or 'none'})"


def not_there(stack: Stack | None, beside: Path) -> Iterator[str]:
    """A line where there is no compose file at the place that `stack` names from the folder `beside`."""
    if stack and not (file := beside / stack.compose).is_file():
        yield f"stack.compose: there is no file {file}: write its path from the folder of this file"


def ledger_mistakes(system: System) -> Iterator[str]:
    """One line for each ledger that names what the file does not have, or does not say what it may lose."""
    sections = system.runbook.sections if system.runbook else None
    for name, ledger in system.ledgers.items():
        if getattr(system.services.get(ledger.write.service), "kind", "") != HTTP:
            yield f"ledgers.{name}.write.service: {ledger.write.service!r} is no http service {of_kinds(system, HTTP)}"
        if ledger.write.key in ledger.write.json_:
            yield f"ledgers.{name}.write.json: leave {ledger.write.key!r} out: each write gets its own"
        if both := set(ledger.write.acknowledged) & set(ledger.write.refused or []):
            yield f"ledgers.{name}.write: {sorted(both)} cannot be both acknowledged and refused"
        if ledger.keeps is bool(ledger.may_lose):
            yield f'ledgers.{name}: say either keeps = true or may_lose = "the section that accepts the loss"'
        if ledger.may_lose and sections is not None and ledger.may_lose not in sections:
            yield f"ledgers.{name}.may_lose: {ledger.may_lose!r} is not among runbook.sections"


def seen_through(declared: Service, system: System) -> Service | None:
    """The service through which this one is seen."""
    through = kinds()[declared.kind].through
    return system.services.get(getattr(declared, through.key)) if through else None
