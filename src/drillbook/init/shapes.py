"""What a health page is: the lines of a system file that judge it, taken from what it says now."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from drillbook.init import statements
from drillbook.init.words import STATUSES, is_mild, is_well, is_word, named, right, well_enough
from drillbook.probes import jsonpath
from drillbook.probes.http import body
from drillbook.probes.http.strangers import whose
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drillbook.init.statements import Said, Statement

Lines = dict[str, Any]
_LINE = re.compile(r"^\[[+-]\](\S+) ", re.MULTILINE)  # Kubernetes: `[+]etcd ok`
_LAST = re.compile(r"^(\w+ check) (?:passed|failed)$", re.MULTILINE)
_GREEN = "background-color: green"  # Rails
_HEADLINE = re.compile(r"<(?:title|h[1-6])[^>]*>\s*([^<]*?)\s*<", re.IGNORECASE)
_ITEM = re.compile(r">\s*([A-Za-z][\w .-]{0,40}?)\s*:\s*([A-Za-z][A-Za-z ]{0,30}?)\s*<")
_SHORT = 40
UNAVAILABLE = "It answered 503 when it was looked at, and nothing that could be read: its status alone is judged."
STATUS_ALONE = "Nothing in it is known to say how anything is: its status alone is judged."


@dataclass(frozen=True)
class Shape:
    """How a page is declared (`expect`, `up`, `says`), what it says of parts, and what is to be known about it.

    `is_ill`: whether it says that something is not well.
    """

    lines: Lines = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    is_ill: bool = False

    @property
    def worth(self) -> tuple[int, bool]:
        """How much can be judged of it: the more parts, the better."""
        return len(self.parts), bool({"up", "says"} & {*self.lines})


def shape_of(status: int, text: str, *, wrapped: bool = False) -> Shape | None:
    """The shape of a page that answered so; None where it is no health page, or nothing can be known of it.

    `wrapped`: whether its framework puts what it says into something else where it fails (FastAPI: `detail`).
    """
    if not (200 <= status < 300 or 500 <= status < 600):
        return None
    found = _of_text(text) if (document := _json(text)) is None else _of_json(document, status, wrapped=wrapped)
    if found is None or (status >= 500 and not any(found.worth)):
        return Shape(notes=(UNAVAILABLE,), is_ill=True) if status == 503 else None
    if status == 200 or "expect" in found.lines or status >= 500:
        return found
    return replace(found, lines={"expect": "2xx", **found.lines})


def is_people_s(text: str) -> bool:
    """Whether it is a page for people, and nobody's default page."""
    return body.is_html(text) and not whose(text)


def _json(text: str) -> Any:
    """The document, or None where it is none that says anything."""
    try:
        return jsonpath.parse(text)
    except Unmeasured:
        return None


def _of_json(document: Any, status: int, *, wrapped: bool) -> Shape:
    told = statements.said_in(document, answered_well=status < 300)
    path = partial(_anywhere, document) if wrapped else str
    lines: Lines = {"up": _condition(path(told.whole.path), _right_of_whole(told.whole))} if told.whole else {}
    if told.whole and (word := str(told.whole.values[0]).casefold()) in STATUSES:
        lines = {"expect": STATUSES[word], **lines}
    parts = {name: _condition(path(one.path), _right(one, told)) for name, one in told.parts.items()}
    ill = [name for name, one in told.parts.items() if one.is_ill and not _is_tolerated(one, told)]
    ill = ["the whole", *ill] if told.whole and told.whole.is_ill else ill
    notes = [f"Not well now: {', '.join(ill)}." if ill else "", _unclear(told.unclear)]
    notes += [] if lines or parts else [STATUS_ALONE]
    if any("$.." in one for one in (*lines.values(), *parts.values())):
        notes.append("`..` finds it at whatever depth: FastAPI puts what an HTTPException says into `detail`.")
    return Shape(lines, parts, tuple(filter(None, notes)), is_ill=bool(ill))


def _unclear(paths: tuple[str, ...]) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return (
        f"Not judged, for nothing says which of their values are right: {', '.join(paths[:5])}{more}. One that is a "
        'part goes below, with what is right: NAME = "PATH == true".'
    )


def _condition(path: str, right: Iterable[str]) -> str:
    """What holds of what is there while it is well; of what is no text, that it is true."""
    words = [f"'{word}'" for word in dict.fromkeys(right)]
    if not words:
        return f"{path} == true"
    return f"{path} == {words[0]}" if len(words) == 1 else f"{path} in [{', '.join(words)}]"


def _right_of_whole(whole: Statement) -> list[str]:
    return _with_well_enough(word for said in whole.values if isinstance(said, str) for word in right(said))


def _with_well_enough(words: Iterable[str]) -> list[str]:
    there = [*words]
    return [*there, *(also for word in there for also in well_enough(word))]


def _right(one: Statement, told: Said) -> Iterator[str]:
    """What a part says while it is well; what is mild, too, where the whole is well with it."""
    words = [said for said in one.values if isinstance(said, str)]
    for said in words:
        yield from right(said)
        if _is_tolerated(one, told) and is_mild(said):
            yield said
    if words and one.is_ill:  # other parts say it in the same words, perhaps
        others = (said for other in told.parts.values() for said in other.values)
        yield from (said for said in others if isinstance(said, str) and is_well(said))


def _is_tolerated(one: Statement, told: Said) -> bool:
    """Whether nothing in a part is worse than what the whole is well with."""
    well = told.whole is not None and not told.whole.is_ill
    return well and all(is_well(said) or is_mild(said) for said in one.values)


def _anywhere(document: Any, path: str) -> str:
    """The path from whatever depth, where that leads to the same thing and to no other."""
    deep = f"$.{path[1:]}" if path.startswith("$.") else f"$..{path[1:]}"
    same = len(path) > 1 and jsonpath.find_all(document, deep) == jsonpath.find_all(document, path)
    return deep if same else path


def _of_text(text: str) -> Shape | None:
    if body.is_html(text):
        return _of_html(text)
    if parts := list(dict.fromkeys(_LINE.findall(text))):
        return _of_kubernetes(text, parts)
    word = text.strip()
    if not word:
        return Shape(notes=(STATUS_ALONE,))
    if len(word) > _SHORT or "\n" in word or not is_word(word):
        return Shape(notes=('What is right in its text is not known: says = "…", in which * stands for anything.',))
    says = _with_well_enough(right(word))
    return Shape({"says": says if len(says) > 1 else says[0]})


def _of_kubernetes(text: str, parts: list[str]) -> Shape:
    last = _LAST.search(text)
    lines = {"says": f"*{last[1]} passed"} if last else {}
    told = ((one, {"line": f"]{one} ", "says": "[+]*"}) for one in parts)
    return Shape(lines, named(told, "part", statements.OTHERS))


def _of_html(text: str) -> Shape | None:
    """What a page for people says in a headline, and in lines of `NAME: WORD`; None where it says nothing."""
    if _GREEN in text or "background-color: red" in text:
        return Shape({"says": f"*{_GREEN}*"})
    headline = next((one for one in map(html.unescape, _HEADLINE.findall(text)) if is_well(one)), "")
    items = [found for found in _ITEM.finditer(text) if is_well(found[2]) and _once(text, f"{found[1]}:")]
    told = ((found[1], {"line": f"{found[1]}:", "says": f"*{found[0]}*"}) for found in items)
    parts = named(told, "part", statements.OTHERS)
    return Shape({"says": f"*>{headline}<*"} if headline else {}, parts) if headline or parts else None


def _once(text: str, held: str) -> bool:
    return sum(held in line for line in text.splitlines()) == 1
