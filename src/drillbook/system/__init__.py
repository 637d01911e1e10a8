"""A system file: what a runbook says, as data. Strict: what is not understood is refused, never ignored.

One model per table of `systems/NAME/system.toml`. `read_system` gives the file as a `System`, or all of its
mistakes at once.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from drillbook.mistakes import Mistakes
from drillbook.system.ledgers import Ledger, LedgerRead, LedgerWrite
from drillbook.system.limits import LimitTable
from drillbook.system.services import (
    AnyService,
    CeleryService,
    Endpoint,
    Health,
    HostService,
    HttpService,
    Metrics,
    Page,
    PostgresService,
    RedisService,
    Reference,
)
from drillbook.system.stack import Stack, Trouble
from drillbook.system.strict import Name, Strict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

__all__ = [
    "AnyService", "Call", "CeleryService", "Endpoint", "Environment", "Health", "HostService", "House", "HttpService",
    "Ledger", "LedgerRead", "LedgerWrite", "LimitTable", "Metrics", "Page", "PostgresService", "RedisService",
    "Reference", "Runbook", "Stack", "System", "Trouble", "ledger_mistakes", "read_house", "read_system",
]  # fmt: skip

Model = TypeVar("Model", bound=BaseModel)


class Runbook(Strict):
    """Where the figures come from: the document's title and the titles of its sections."""

    title: str
    sections: list[str]


class Call(Strict):
    """Whom a severity calls, and by when it is answered and solved."""

    respond: str
    resolve: str
    call: str


class Environment(Strict):
    """One place where the system runs. `drill` is no such kind: drills make their own."""

    kind: Literal["local", "staging", "production"]


class About(Strict):
    """The table `[system]`."""

    name: Name
    about: str = ""


class System(Strict):
    """A whole system file."""

    system: About
    runbook: Runbook | None = None
    services: dict[Name, AnyService] = Field(min_length=1)
    limits: dict[str, LimitTable] = {}
    escalation: dict[Literal["low", "medium", "high", "critical"], Call] = {}
    environments: dict[Name, Environment] = {}
    ledgers: dict[Name, Ledger] = {}
    stack: Stack | None = None


class House(Strict):
    """`house.toml`: the limits that no runbook states. A `*` stands for any endpoint or part."""

    limits: dict[str, LimitTable]


def read_system(path: Path) -> System:
    """The system file at `path`; Mistakes lists everything that is wrong with it."""
    return _read(path, System)


def read_house(path: Path) -> House:
    """The house defaults at `path`; Mistakes lists everything that is wrong with them."""
    return _read(path, House)


def ledger_mistakes(system: System) -> Iterator[str]:
    """One line for each ledger that names what the file does not have, or does not say what it may lose."""
    sections = system.runbook.sections if system.runbook else None
    for name, ledger in system.ledgers.items():
        if getattr(system.services.get(ledger.write.service), "kind", "") != "http":
            yield f"ledgers.{name}.write.service: {ledger.write.service!r} is no http service of this file"
        if ledger.write.key in ledger.write.json_:
            yield f"ledgers.{name}.write.json: leave {ledger.write.key!r} out: each write gets its own"
        if both := set(ledger.write.acknowledged) & set(ledger.write.refused or []):
            yield f"ledgers.{name}.write: {sorted(both)} cannot be both acknowledged and refused"
        if ledger.keeps is bool(ledger.may_lose):
            yield f'ledgers.{name}: say either keeps = true or may_lose = "the section that accepts the loss"'
        if ledger.may_lose and sections is not None and ledger.may_lose not in sections:
            yield f"ledgers.{name}.may_lose: {ledger.may_lose!r} is not among runbook.sections"


def _read(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise Mistakes([f"{path}: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Mistakes([f"{path}: is not TOML: {error}"]) from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise Mistakes([f"{path}: {_line(detail)}" for detail in details]) from None


def _line(detail: ErrorDetails) -> str:
    where = [str(part) for part in detail["loc"]]
    if where[:1] == ["services"] and len(where) > 3:
        del where[2]  # pydantic puts the kind there, which nobody wrote
    return f"{'.'.join(where)}: {_words(detail)}"


def _words(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown key"
    if detail["type"] in ("model_type", "model_attributes_type") and detail["ctx"].get("class_name") == "Reference":
        return 'addresses and secrets are given by reference only: write { env = "NAME_OF_THE_VARIABLE" }'
    return detail["msg"].removeprefix("Value error, ")
