"""The limits that the house knows: each with its ladder, how it is measured, and what it cannot see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partialmethod
from typing import TYPE_CHECKING, Any

from drillbook.reference.texts import about
from drillbook.system.kinds import OF_CERTIFICATES, UPSTREAM, kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.judging.limit import Limit
    from drillbook.system.file import House
    from drillbook.system.kinds import Kind


@dataclass(frozen=True)
class Entry:
    """A limit of the house: its ladder in words, how it is measured, and on what it is judged."""

    name: str
    unit: str
    ladder: str
    measured: str
    on: str
    cannot_see: str
    kind: Kind | None


def entries(house: House) -> list[Entry]:
    """The limits of the house, those of each kind of service together."""
    found = [_entry(name, table.named(name), table.cannot_see) for name, table in house.limits.items()]
    order = [*dict.fromkeys(one.kind.name if one.kind else "" for one in found)]
    return sorted(found, key=lambda one: order.index(one.kind.name if one.kind else ""))


def kind_of(name: str) -> Kind | None:
    """The kind of service that a limit of the house is judged on."""
    by_question = (kind for kind in kinds().values() if name in {**kind.asks, **kind.checked})
    by_word = (kind for kind in kinds().values() if name.partition(".")[0] in kind.limits)
    return next(by_question, None) or next(by_word, None)


def ladder(limit: Limit) -> str:
    """The rungs in words: `medium > 80 %`, `high > 90 %`."""
    return ", ".join(f"{rung.severity.word} `{rung.words(limit.unit)}`" for rung in limit.rungs)


def _entry(name: str, limit: Limit, cannot_see: str) -> Entry:
    kind = kind_of(name)
    measured = _measured(kind, name) if kind else ""
    return Entry(name, limit.unit, ladder(limit), measured, " ".join(_judged_on(kind, name)), cannot_see, kind)


def _measured(kind: Kind, name: str) -> str:
    """What the question says of itself that is judged by that limit."""
    question = {**kind.asks, **kind.checked}.get(name, "")
    if not question:
        return ""
    method: Any = vars(kind.noun_class).get(question) or getattr(kind.noun_class, question)
    return about(method.func if isinstance(method, partialmethod) else method)


def _judged_on(kind: Kind | None, name: str) -> Iterator[str]:
    if kind is None:
        return
    role = kind.roles.get(name)
    theirs = f" of role `{role}`, or of none" if role else ""
    yield f"Judged on each service of kind [`{kind.name}`](system-file.md#services.{kind.name}){theirs}."
    keys = [part.key for part in kind.parts if name in part.limits]
    if keys and name != kind.up:
        where = f"system-file.md#services.{kind.name}."
        yield f"It is about {' and '.join(f'[`{key}`]({where}{key})' for key in keys)} of its table."
    if name in OF_CERTIFICATES:
        yield "So is each other service of ours that is asked by `https://` or `rediss://`."
    if kind.name == UPSTREAM:
        yield 'So is a service of kind `http` with `roles = ["upstream"]`.'
