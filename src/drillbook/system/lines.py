"""Where a file says something: the line of each place in a TOML text, and mistakes told with it.

What a text means is the business of `tomllib`, which keeps no lines: here the same text is only followed. Of one that
is no TOML, that is what it seems to say.
"""

from __future__ import annotations

import re
import tomllib
from collections import deque
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING

from drillbook.common.inert import inert

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    Place = tuple[str, ...]
    Places = Generator[tuple[Place, int], None, Place]

# A text over several lines may end in quotes of its own: five in a row close one that ends in two.
_MULTILINE = r'"{3}(?:\\.|[^\\])*?"{3,5}' + r"|'{3}.*?'{3,5}"
_TEXT = r'"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'"
_WORD = re.compile(rf"{_MULTILINE}|{_TEXT}|#[^\n]*|[][{{}}=,.\n]|[^][{{}}=,.#\"'\s]+|[\"']", re.DOTALL)
_ENDS = (",", "]", "}", "\n", "")


def told(name: str, text: str, mistakes: Iterable[str]) -> list[str]:
    """The mistakes in the order of `text`, each behind `name:LINE`: the line of the place that it begins with.

    Of what is missing, it is the line of the table that it is missing from.
    """
    lines = lines_in(text)
    found = sorted(((_line_of(mistake, lines), mistake) for mistake in mistakes), key=itemgetter(0))
    return [f"{name}:{line}: {inert(mistake)}" for line, mistake in found]


def lines_in(text: str) -> dict[str, int]:
    """The line where each place begins, by its keys with dots between: `services.web.roles.0`."""
    found: dict[str, int] = {}
    for place, line in places_in(text):
        found.setdefault(".".join(place), line)
    return found


def places_in(text: str) -> Iterator[tuple[Place, int]]:
    """Every place with its line, in the text's order; what is written twice comes twice."""
    return _Followed(text).document()


def _line_of(mistake: str, lines: Mapping[str, int]) -> int:
    known = [place for place in lines if mistake.startswith((f"{place}:", f"{place}."))]
    return lines[max(known, key=len)] if known else 1


class _Followed:
    """A TOML text, followed word by word; behind the last one there is always an empty one."""

    def __init__(self, text: str) -> None:
        self._words = deque(_words(text))
        self._last_items: dict[Place, int] = {}  # of each array of tables, the number of the table that is open

    def document(self) -> Iterator[tuple[Place, int]]:
        table: Place = ()
        while self._next:
            if self._next == "\n":
                self._take()
            elif self._next == "[":
                table = yield from self._header()
            else:
                yield from self._pair(table)

    @property
    def _next(self) -> str:
        return self._words[0][0]

    def _take(self) -> tuple[str, int]:
        return self._words.popleft() if len(self._words) > 1 else self._words[0]

    def _header(self) -> Places:
        """The table that `[a.b]` or `[[a.b]]` opens."""
        _, line = self._take()
        is_item = self._next == "[" and bool(self._take())
        place = yield from self._key(())
        if is_item:
            self._last_items[place] = self._last_items.get(place, -1) + 1
            yield self._opened(place), line
        while self._next not in ("\n", ""):
            self._take()
        return self._opened(place)

    def _opened(self, place: Place) -> Place:
        """The place itself; of an array of tables, the table of it that is open."""
        return (*place, str(self._last_items[place])) if place in self._last_items else place

    def _key(self, place: Place) -> Places:
        """What the parts of `a.b` name below `place`; gives the last one."""
        while True:
            word, line = self._take()
            place = (*self._opened(place), _plain(word))
            yield place, line
            if self._next != ".":
                return place
            self._take()

    def _pair(self, table: Place) -> Places:
        place = yield from self._key(table)
        if self._next == "=":
            self._take()
            yield from self._value(place)
        return place

    def _value(self, place: Place) -> Iterator[tuple[Place, int]]:
        opening, _ = self._take()
        if opening == "{":
            yield from self._table(place)
        elif opening == "[":
            yield from self._items(place)
        else:
            while self._next not in _ENDS:
                self._take()

    def _table(self, place: Place) -> Iterator[tuple[Place, int]]:
        while self._goes_on("}"):
            yield from self._pair(place)

    def _items(self, place: Place) -> Iterator[tuple[Place, int]]:
        index = 0
        while self._goes_on("]"):
            item, index = (*place, str(index)), index + 1
            yield item, self._words[0][1]
            yield from self._value(item)

    def _goes_on(self, closing: str) -> bool:
        """Whether something more is inside; passes over what is between."""
        while self._next in (",", "\n"):
            self._take()
        return self._next != "" and not (self._next == closing and self._take())


def _words(text: str) -> Iterator[tuple[str, int]]:
    """The words of a text, each with its line; comments are none."""
    line = 1
    for found in _WORD.finditer(text):
        if not found[0].startswith("#"):
            yield found[0], line
        line += found[0].count("\n")
    yield "", line


def _plain(word: str) -> str:
    """A part of a key, without its quotes."""
    with suppress(tomllib.TOMLDecodeError):
        return next(iter(tomllib.loads(f"{word} = 0")))
    return word
