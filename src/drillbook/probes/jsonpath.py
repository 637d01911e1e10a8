"""JSON that a target sent, read with suspicion, and paths into it: `$.a.b[0]`, `$.status == 'healthy'`."""

from __future__ import annotations

import json
import re
from typing import Any

from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured

DEEPEST = 64
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_LONGEST_INTEGER = 300


def parse(text: str) -> Any:
    """The document in `text`; Unmeasured where it is no JSON, nests deeper than 64, or says a thing twice."""
    try:
        document = json.loads(text, parse_constant=_refuse, parse_int=_integer, object_pairs_hook=_each_key_once)
    except RecursionError:
        raise Unmeasured(f"is JSON nested deeper than {DEEPEST}") from None
    except ValueError as error:
        raise Unmeasured(f"is not JSON ({said(error)}), it begins {said(text[:40])!r}") from None
    if _depth(document) > DEEPEST:
        raise Unmeasured(f"is JSON nested deeper than {DEEPEST}")
    return document


def find(document: Any, path: str) -> Any:
    """What is at `path`, None for a null; Unmeasured says what is there where the path is not."""
    here, walked = document, "$"
    for key, index in _STEP.findall(path.removeprefix("$")):
        step = key or int(index)
        if not _holds(here, step):
            raise Unmeasured(f"has no {path} ({walked} {_describe(here)})")
        here = here[step]
        walked += f".{key}" if key else f"[{index}]"
    return here


def explain(document: Any, condition: str) -> str:
    """Empty where `condition` holds, else why not ("$.status is 'degraded', not 'healthy'").

    A bare path must hold true or false; with `==`, a text, a number, a null or a yes-or-no is compared. Anything
    else is Unmeasured: it cannot be told what it means.
    """
    path, compares, literal = condition.partition(" == ")
    value = find(document, path)
    if not compares:
        return _explain_bare(value, path)
    if isinstance(value, dict | list):
        raise Unmeasured(f"has {path}, but it {_describe(value)}: compare a value inside it")
    wanted = _literal(literal)
    return "" if _same(value, wanted) else f"{path} is {_short(value)}, not {_short(wanted)}"


def _explain_bare(value: Any, path: str) -> str:
    if not isinstance(value, bool):
        raise Unmeasured(f"has {path}, but it is {_short(value)}, not true or false: write \"{path} == '…'\"")
    return "" if value else f"{path} is false"


def _literal(text: str) -> Any:
    return text[1:-1] if text.startswith("'") else json.loads(text)


def _same(value: Any, wanted: Any) -> bool:
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _holds(here: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(here, dict) and step in here
    return isinstance(here, list) and step < len(here)


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
