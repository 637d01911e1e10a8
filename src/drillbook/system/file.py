"""A system file: what a runbook says, as data. Strict: what is not understood is refused, never ignored.

One model per table of `systems/NAME/system.toml`. `read_system` gives the file as a `System`, or all of its
mistakes at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, PlainValidator, SerializeAsAny, ValidationError

from drillbook.common.mistakes import Mistakes
from drillbook.system import document
from drillbook.system.kinds import UPSTREAM, kinds
from drillbook.system.ledgers import Ledger, LedgerRead, LedgerWrite
from drillbook.system.limits import LimitTable
from drillbook.system.lines import told
from drillbook.system.runbook import Runbook
from drillbook.system.services import Reference, Service
from drillbook.system.signals import SignalTable  # noqa: TC001  # pydantic asks for it
from drillbook.system.stack import Stack, Trouble
from drillbook.system.strict import Name, Strict, Traffic, Write, mistake

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "AnyService", "Call", "Environment", "House", "Ledger", "LedgerRead", "LedgerWrite", "LimitTable", "Reference",
    "Runbook", "Stack", "System", "Trouble", "read_as", "read_house", "read_system",
]  # fmt: skip

Model = TypeVar("Model", bound=BaseModel)


def _by_its_kind(value: Any) -> Service:
    """The service, read by the table of its kind, whose mistakes stay where they are."""
    if isinstance(value, Service):
        return value
    if not isinstance(value, dict):
        raise ValueError("a service is a table, [services.NAME], that says its kind")
    kind, known = value.get("kind"), kinds()
    if not isinstance(kind, str) or kind not in known:
        what = "no kind of service is said" if kind is None else f"{kind!r} is no kind of service"
        raise mistake("kind", f"{what} (kinds: {', '.join(known)})")
    roles = value.get("roles")
    if kind == "http" and isinstance(roles, list) and UPSTREAM in roles:
        kind, value = UPSTREAM, {**value, "kind": UPSTREAM}
    return known[kind].model.model_validate(value)


AnyService = Annotated[SerializeAsAny[Service], PlainValidator(_by_its_kind)]


class Call(Strict):
    """Whom a severity calls, and by when it is answered and solved: reports say it beside what is not OK."""

    respond: str
    """By when somebody answers."""
    resolve: str
    """By when it is solved."""
    call: str
    """Whom to call."""


class Environment(Strict):
    """One place where the system runs: `pytest checks --target SYSTEM@NAME` asks it.

    None may be called `drill`: drills make an environment of that name.
    """

    kind: Literal["local", "staging", "production"]
    """What it is: `local` is a copy of yours; `production` takes a smoke profile and no other load."""
    traffic: Traffic = "visitors"
    """Whose requests errors and times are judged of: its visitors', by its own metrics; or, where nobody visits it,
    `"ours"`: those that a run sends to the declared endpoints."""
    writes: list[Write] = []
    """What checks may write there, beside drills and local copies, where they may write anyway."""


class About(Strict):
    """What the system is called."""

    name: Name
    """Its name, which its folder has too: `systems/NAME/system.toml`."""
    about: str = ""
    """What it is, in a sentence."""


class System(Strict):
    """A whole system file, `systems/NAME/system.toml`."""

    system: About
    """What the system is called."""
    runbook: Runbook | None = None
    """The runbook that the figures come from."""
    services: dict[Name, AnyService] = Field(min_length=1)
    """What the system is made of, each under a name of your own."""
    limits: dict[str, LimitTable] = {}
    """The limits that the runbook states, by their names in quotes."""
    signals: dict[str, SignalTable] = {}
    """Numbers that only this system has, by their names in quotes."""
    escalation: dict[Literal["low", "medium", "high", "critical"], Call] = {}
    """Whom to call, by severity."""
    environments: dict[Name, Environment] = {}
    """Where it runs: at least one, if it is to be asked anywhere but in drills."""
    ledgers: dict[Name, Ledger] = {}
    """What clients write during a drill, and where it is read back."""
    stack: Stack | None = None
    """How a copy of it is started."""


class HouseLimit(LimitTable):
    """A limit of the house, and what a value that is well within it says nothing of."""

    cannot_see: str = ""
    """What may be wrong all the same."""


class House(Strict):
    """`house.toml`: the limits that no runbook states. A `*` stands for any endpoint or part."""

    limits: dict[str, HouseLimit]
    """The limits, by their names in quotes."""


def read_system(path: Path, name: str = "") -> System:
    """The system file at `path`; Mistakes lists everything that is wrong with it, as that of the file `name`."""
    return read_as(System, path, name)


def read_house(path: Path, name: str = "") -> House:
    """The house defaults at `path`; Mistakes lists everything that is wrong with them, as those of the file `name`."""
    return read_as(House, path, name)


def read_as(model: type[Model], path: Path, name: str = "") -> Model:
    """The file at `path` as `model`; Mistakes lists everything that is wrong with it, as that of the file `name`."""
    name = name or str(path)
    text, found = document.read(path, name)
    try:
        return model.model_validate(found)
    except ValidationError as error:
        from drillbook.system.wording import lines_of

        raise Mistakes(told(name, text, lines_of(error, found, model))) from None
