"""JSON that a target sent, read with suspicion, and what paths find in it and conditions say of it."""

from __future__ import annotations

import json
import operator
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured
from drillbook.system.paths import condition, leads_to_one, query, segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.system.paths import Condition

    Order = Callable[[Any, Any], bool]

DEEPEST = 64
_LONGEST_INTEGER = 300
_EXCERPT = 120
_ORDER: dict[str, Order] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def parse(text: str) -> Any:
    """The document in `text`; Unmeasured where it is no JSON, nests deeper than 64, or says a thing twice."""
    try:
        document = json.loads(text, parse_constant=_refuse, parse_int=_integer, object_pairs_hook=_each_key_once)
    except RecursionError:
        raise Unmeasured(f"is JSON nested deeper than {DEEPEST}") from None
    except ValueError as error:
        raise Unmeasured(f"is not JSON ({said(error)}), it begins {said(text)[:40]!r}") from None
    if _depth(document) > DEEPEST:
        raise Unmeasured(f"is JSON nested deeper than {DEEPEST}")
    return document


def find(document: Any, path: str) -> Any:
    """What is at `path`, None for a null; Unmeasured says what is there where that is nothing, or not one value."""
    found = find_all(document, path)
    if not found:
        raise Unmeasured(f"has no {path} ({_instead(document, path)})")
    different = [one for number, one in enumerate(found) if not any(_same(one, other) for other in found[:number])]
    if len(different) > 1:
        raise Unmeasured(f"has {len(different)} different values at {path}: {', '.join(map(_short, different[:6]))}")
    return found[0]


def find_all(document: Any, path: str) -> list[Any]:
    """Everything that `path` leads to, which may be nothing."""
    return [node.value for node in query(path).find(document)]


def all_at(document: Any, path: str) -> dict[str, Any]:
    """Whatever `path` leads to, by where it is (`$['endpoints']['/comps']`); Unmeasured where that is nothing."""
    found = {str(node.path()): node.value for node in query(path).find(document)}
    if not found:
        raise Unmeasured(f"has no {path} ({_instead(document, path)})")
    return found


def items(document: Any, path: str) -> int:
    """How many items the list at `path` has, or how many things a path with `*`, `?` or `..` leads to."""
    if leads_to_one(path):
        found = find(document, path)
        if not isinstance(found, list):
            advice = f" (of an object, count {path}.*)" if isinstance(found, dict) else ""
            raise Unmeasured(f"{path} is no list, it {_describe(found)}{advice}")
        return len(found)
    around = segments(path)[:-1]
    find(document, "".join(around))
    return len(find_all(document, path))


def explain(document: Any, text: str) -> str:
    """Empty where the condition `text` holds of all that its path leads to, else why not ("$.status is 'degraded', …").

    A bare path must hold true or false. What is of another type than what it is compared with is Unmeasured, unless
    something else says no: it cannot be told what it means. A null is no value, which `==` and `in` may say of it, and
    nothing else.
    """
    wanted = condition(text)
    found = all_at(document, wanted.path)
    places = [wanted.path] if len(found) == 1 else [*found]
    said_of, untold = list[str](), list[Unmeasured]()
    for place, value in zip(places, found.values(), strict=True):
        try:
            said_of.append(_explain(value, place, wanted))
        except Unmeasured as error:
            untold.append(error)
    no = next(filter(None, said_of), "")
    if untold and not no:
        raise untold[0]
    return no


def _explain(value: Any, place: str, wanted: Condition) -> str:
    if not wanted.comparison:
        return _explain_bare(value, place)
    if isinstance(value, dict | list):
        raise Unmeasured(f"has {place}, but it {_describe(value)}: compare a value inside it")
    _comparable(value, place, wanted)
    return "" if _holds(value, wanted) else f"{place} is {_short(value)}, not {_words(wanted)}"


def _explain_bare(value: Any, path: str) -> str:
    if not isinstance(value, bool):
        raise Unmeasured(f"has {path}, but it is {_short(value)}, not true or false: write \"{path} == '…'\"")
    return "" if value else f"{path} is false"


def _comparable(value: Any, place: str, wanted: Condition) -> None:
    kinds = {_kind(one) for one in wanted.wanted}
    if "null" in kinds or _kind(value) in kinds or (value is None and wanted.comparison in ("==", "in")):
        return
    needs = " or ".join(sorted(kinds))
    raise Unmeasured(f"has {place}, but it is {_short(value)}, a {_kind(value)} where a {needs} is expected")


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return "yes-or-no" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def _holds(value: Any, wanted: Condition) -> bool:
    if wanted.comparison in _ORDER:
        return _ORDER[wanted.comparison](value, wanted.wanted[0])
    return any(_same(value, one) for one in wanted.wanted) is (wanted.comparison != "!=")


def _words(wanted: Condition) -> str:
    """What was wanted, as it follows "not": `'ok' or 'up'`, `< 100`, `other than 'down'`."""
    values = " or ".join(map(_short, wanted.wanted))
    return {"==": "", "in": "", "!=": "other than "}.get(wanted.comparison, f"{wanted.comparison} ") + values


def _same(value: Any, other: Any) -> bool:
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _instead(document: Any, path: str) -> str:
    """What is there where the path leads no further."""
    steps = segments(path)
    for number in range(len(steps) - 1, 0, -1):
        before = "".join(steps[:number])
        if found := find_all(document, before):
            excerpt = f": {said(json.dumps(found[0]))[:_EXCERPT]}" if "?" in steps[number] and found[0] else ""
            return f"{before} {_describe(found[0])}{excerpt}"
    return f"$ {_describe(document)}"


def _describe(value: Any) -> str:
    if isinstance(value, dict):
        names = ", ".join(said(key)[:40] for key in list(value)[:12])
        return f"has: {names}" if names else "is empty"
    if isinstance(value, list):
        return f"is a list of {len(value)}"
    return f"is {_short(value)}"


def _short(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else f"a list of {len(value)}"
    return repr(said(value)[:60]) if isinstance(value, str) else said(repr(value))[:60]


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key twice in one object")
    return found


def _depth(document: Any) -> int:
    depth, level = 0, [document]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [child for one in level for child in (one.values() if isinstance(one, dict) else one)]
    return depth
