"""What the JSON of a health page says: of the whole, and of each thing that it speaks of, with the path to it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from drillbook.init.words import begins_well, is_ill, is_word, listed, named, slug

if TYPE_CHECKING:
    from collections.abc import Iterator

# Keys that say how the thing is that they stand in, and those that say what it is called.
STATUS = (
    "status", "state", "health", "healthy", "ok", "up", "success", "alive", "ready", "overall", "result", "passed",
    "overall_status", "Status", "isHealthy",
)  # fmt: skip
NAME = ("name", "component", "service", "id", "key", "check", "checker", "Name")
# True and false are said of much that is no health: these say that what stands in them, or is called so, is one.
CONTAINERS = listed("checks components services dependencies entries details results parts health healthy probes")
WITHIN = listed("checks components services dependencies")  # of what says how it is itself, these may have more
DEPENDENCIES = listed(
    """db database postgres postgresql mysql mariadb mongo mongodb sqlite redis valkey cache memcached broker queue
    celery worker workers rabbit rabbitmq kafka nats elasticsearch elastic opensearch search s3 storage minio disk mail
    smtp migrations scheduler upstream etcd vault"""
)
# What stands in others where it is ill (Terminus): the key that has all of it, and the others.
INSTEAD = {"details": ("info", "error")}
# What every framework puts around a name, and what says nothing in it.
_NOISE = re.compile(r"\b(alias|default|check|health|backend|service|status)\b")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OTHERS = ("latency",)  # health.latency is a limit of the page itself
_LONGEST = 100
MOST = 30


@dataclass(frozen=True)
class Statement:
    """What is said of one thing: its name, the path to it, and what is found there; several things in a list.

    `inside` is what the thing around it is called.
    """

    name: str
    path: str
    values: tuple[Any, ...] = ()
    inside: str = ""

    @property
    def is_ill(self) -> bool:
        """Whether any of it is a word for ill."""
        return any(map(is_ill, self.values))


@dataclass(frozen=True)
class Said:
    """What a page says: of the whole, of its parts by name, and the paths of what may be about health or may not."""

    whole: Statement | None
    parts: dict[str, Statement]
    unclear: tuple[str, ...] = ()


def said_in(document: Any, *, answered_well: bool) -> Said:
    """What the page says; where it is well as a whole, what is false in it may be meant to be."""
    whole = _whole(document)
    well = answered_well and not (whole and whole.is_ill)
    found = [*_of(document, Statement("", "$"), whole)]
    sure = [one for one in found if not _is_doubtful(one, well=well)]
    return Said(whole, _named(sure[:MOST]), tuple(one.path for one in found if one not in sure[:MOST]))


def step(key: str) -> str:
    """The step of a JSON path to that key."""
    if _PLAIN.fullmatch(key):
        return f".{key}"
    return f"[{_quoted(key)}]"


def _quoted(text: str) -> str:
    """As a JSON path writes a text: in single quotes, where it has none of them itself."""
    return json.dumps(text, ensure_ascii=False) if {"'", "\\"} & {*text} else f"'{text}'"


def _whole(document: Any) -> Statement | None:
    if is_word(document):
        return Statement("", "$", (document,))
    key = _status_of(document)
    return Statement("", f"${step(key)}", (document[key],)) if key else None


def _status_of(value: Any) -> str:
    """The key that says how that object is; empty where none does."""
    there = value if isinstance(value, dict) else {}
    return next((key for key in STATUS if key in there and is_word(there[key])), "")


def _of(value: Any, at: Statement, whole: Statement | None) -> Iterator[Statement]:
    """What is said in `value`, which is found at that name and path; not what is said of the whole."""
    if isinstance(value, dict):
        yield from _of_object(value, at, whole)
    elif isinstance(value, list):
        yield from _of_list(value, at)
    elif at.path != getattr(whole, "path", "$") and _says_something(at.name, value):
        yield replace(at, values=(value,))


def _says_something(name: str, value: Any) -> bool:
    """Whether it says how something is, or may: a word that nobody knows, too, under a key that is for that."""
    return (
        isinstance(value, bool) or is_word(value) or begins_well(value) or (name in STATUS and isinstance(value, str))
    )


def _of_object(value: dict[str, Any], at: Statement, whole: Statement | None) -> Iterator[Statement]:
    said = _status_of(value) if at.name else ""
    if said:
        yield replace(at, path=at.path + step(said), values=(value[said],))
    gone = {other for key, others in INSTEAD.items() if key in value for other in others}
    for key, inner in value.items():
        is_told = key in WITHIN if said else key not in gone
        if is_told and key.isprintable() and 0 < len(key) < _LONGEST:
            yield from _of(inner, Statement(key, at.path + step(key), inside=at.name), whole)


def _of_list(items: list[Any], at: Statement) -> Iterator[Statement]:
    """Of objects each says what it is called, or all of them speak of the same thing."""
    objects = [one for one in items if isinstance(one, dict)]
    if not any(map(_status_of, objects)):
        yield from _of_silent(items, at)
        return
    called = next((key for key in NAME if all(isinstance(one.get(key), str) for one in objects)), "")
    if not called and len(objects) < len(items):
        return
    for name in dict.fromkeys(one[called] for one in objects) if called else [""]:
        its = [one for one in objects if not called or one[called] == name]
        key = next(filter(None, map(_status_of, [*its, *objects])))  # as others have it, where it says no word
        yield from _together(its, key, f"[?@{step(called)} == {_quoted(name)}]" if called else "[*]", name, at)


def _of_silent(items: list[Any], at: Statement) -> Iterator[Statement]:
    """What is in objects that say nothing themselves, and in lists: lists of one key are one, other keys are alone."""
    found: dict[str, list[Any]] = {}
    for one in items:
        for key, inner in one.items() if isinstance(one, dict) else [("", one)]:
            if bool(key) is isinstance(one, dict) and key.isprintable() and len(key) < _LONGEST:
                found.setdefault(key, []).append(inner)
    for key, inners in found.items():
        path = f"{at.path}[*]{step(key) if key else ''}"
        if all(isinstance(one, list) for one in inners):
            yield from _of_list([one for inner in inners for one in inner], replace(at, path=path))
        elif key and len(inners) == 1 and not {*NAME} & {*found}:
            yield from _of(inners[0], Statement(key, path, inside=at.name), None)


def _together(objects: list[dict[str, Any]], key: str, which: str, name: str, at: Statement) -> Iterator[Statement]:
    """One statement of objects that are called the same, or not at all."""
    if name.isprintable() and len(name) < _LONGEST and all(key in one for one in objects):
        yield Statement(name or at.name, at.path + which + step(key), tuple(one[key] for one in objects), at.name)


def _is_doubtful(one: Statement, *, well: bool) -> bool:
    """Whether it may be about something else than health: a switch that is on or off, the level of a log."""
    about = {*slug(one.name).split("-")} & DEPENDENCIES or one.inside.casefold() in CONTAINERS
    about = about or any(one.path.endswith(step(key)) for key in STATUS)
    if (False in one.values and well) or not all(map(is_word, one.values)):
        return True
    return not about and (one.is_ill or True in one.values)


def _named(found: list[Statement]) -> dict[str, Statement]:
    """Each under a name of its own: short, where no two would be called the same then."""
    short = [slug(_NOISE.sub(" ", slug(one.name).replace("-", " "))) or slug(one.name) for one in found]
    called = [one.name if short.count(its) > 1 else its for one, its in zip(found, short, strict=True)]
    return named(zip(called, found, strict=True), "part", OTHERS)
