"""What the body of a page's answer holds: JSON, lines, a text; and how it is told to the user where it does not."""

from __future__ import annotations

import html
import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from drillbook.probes import jsonpath
from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured
from drillbook.system.paths import condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drillbook.probes.http.pages import Page, Part

Answer = dict[str, Any]
T = TypeVar("T")
Field = tuple[str, str]  # a condition on the JSON, or what its line holds; the other one is empty
_EXCERPT = 120
_TITLE = re.compile(r"<title[^>]*>([^<]+)", re.IGNORECASE)
_BOTH = 'if it has both, say headers = { Accept = "application/json" }'


def fields(page: Page) -> list[Field]:
    """What the page is known by: all that is declared to be found in it."""
    parts = list(getattr(page, "parts", {}).values())
    found = [(page.up or "", ""), *((one.up or "", one.line or "") for one in parts)]
    return [one for one in found if any(one)]


def is_there(answer: Answer, path: str, one: Field) -> bool:
    """Whether the page has that field, whatever it says."""
    wanted, held = one
    with suppress(Unmeasured):
        return bool(
            jsonpath.find_all(document(answer, path), condition(wanted).path) if wanted else _lines(answer, held)
        )
    return False


def is_readable(answer: Answer, path: str, one: Field) -> bool:
    """Whether the page has that field, and in it what can be compared: not the `status` of an error page, say."""
    wanted, held = one
    with suppress(Unmeasured):
        return bool(_explain(answer, path, wanted) or True) if wanted else bool(_lines(answer, held))
    return False


def need(answer: Answer, path: str, one: Field) -> None:
    """Unmeasured where the page does not have that one field."""
    wanted, held = one
    if wanted:
        _of_page(jsonpath.all_at, answer, path, condition(wanted).path)
    else:
        line(answer, path, held)


def document(answer: Answer, path: str) -> Any:
    """The page's JSON; Unmeasured where it is none."""
    try:
        return _parsed(answer["body"])
    except Unmeasured as error:
        people = f"is not JSON but a page for people, {excerpt(answer['body'])}: {_BOTH}"
        raise Unmeasured(f"{path} {people if is_html(answer['body']) else error.reason}") from None


def field(answer: Answer, path: str, where: str) -> Any:
    """What the page's JSON holds at `where`; Unmeasured says what it holds instead."""
    return _of_page(jsonpath.find, answer, path, where)


def items(answer: Answer, path: str, where: str) -> int:
    """How many items the page's JSON has at `where`; Unmeasured says what it holds instead."""
    try:
        return jsonpath.items(document(answer, path), where)
    except Unmeasured as error:
        raise Unmeasured(f"{path} answered {answer['status']}, but {error.reason}") from None


def line(answer: Answer, path: str, held: str) -> str:
    """The one line that holds that text; Unmeasured where there is none, or several."""
    found = _lines(answer, held)
    if len(found) != 1:
        many = f"{len(found)} lines" if found else "no line"
        raise Unmeasured(f"{path} has {many} with {held!r}: {excerpt(answer['body'])}")
    return found[0]


def why_not(answer: Answer, path: str, declared: Page | Part) -> str:
    """Empty where all is well by what is declared of the page or of a part of it, else what it says instead."""
    why = _explain(answer, path, declared.up) if declared.up else ""
    if why or not declared.says:
        return why
    held = getattr(declared, "line", None)
    text = line(answer, path, held) if held else answer["body"]
    return "" if matches(text, declared.says) else f"{path} says: {excerpt(text)}"


def matches(text: str, patterns: Iterable[str]) -> bool:
    """Whether `text` is one of `patterns`, in which `*` stands for anything."""
    forms = (".*".join(map(re.escape, one.strip().split("*"))) for one in patterns)
    return any(re.fullmatch(form, text.strip(), re.DOTALL) for form in forms)


def is_html(text: str) -> bool:
    """Whether it is a page for people."""
    return bool(re.match(r"\s*<(!doctype html|html)\b", text, re.IGNORECASE))


def excerpt(text: str) -> str:
    """How a text begins, fit to print; of a page for people its title, where it has one."""
    title = _TITLE.search(text) if is_html(text) else None
    return f'"{said(html.unescape(title[1]))[:_EXCERPT]}"' if title else said(text)[:_EXCERPT]


def _explain(answer: Answer, path: str, wanted: str) -> str:
    return _of_page(jsonpath.explain, answer, path, wanted)


def _of_page(look: Callable[[Any, str], T], answer: Answer, path: str, text: str) -> T:
    """What `look` makes of the page's JSON and that path or condition; Unmeasured names the page."""
    found = document(answer, path)
    try:
        return look(found, text)
    except Unmeasured as error:
        raise Unmeasured(f"{path} {error.reason}") from None


@lru_cache(maxsize=8)
def _parsed(body: str) -> Any:
    return jsonpath.parse(body)


def _lines(answer: Answer, held: str) -> list[str]:
    return [one for one in answer["body"].splitlines() if held in one]
