"""Where a text holds what is remembered: eight characters of it or more, in capitals or not, and across line ends."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

RUN = 8
_PART, _STEP = 4, 5  # of any eight characters, four stand together behind a multiple of five
_BLANKS = re.compile(r"(?:\s|\\[nrt]|\x1b\[[0-9;]*m)+")  # and colours

Span = tuple[int, int]


class Runs:
    """The texts that are remembered, and where they are found again, as a whole or as eight characters of them."""

    def __init__(self) -> None:
        self._runs, self._parts, self._short = set[str](), set[str](), set[str]()
        self._shorts: re.Pattern[str] | None = None

    def add(self, form: str) -> None:
        """Remembers `form`: what is shorter than eight characters is found only as a whole."""
        form = folded(form)
        if len(form) < RUN:
            self._short.add(form)
            self._shorts = None
        self._runs.update(form[at : at + RUN] for at in range(len(form) - RUN + 1))
        self._parts.update(form[at : at + _PART] for at in range(len(form) - _PART + 1))

    def found(self, text: str, passes: Callable[[str], bool]) -> list[Span]:
        """Where in `text` something remembered begins and ends, in order; what `passes`, as it stands, is let be."""
        flat = folded(text)
        spans = [span for span in self._long(flat) if not passes(flat[slice(*span)])]
        return list(_joined(chain(spans, self._wrapped(flat, passes))))

    def short(self, text: str) -> list[Span]:
        """Where in `text` something short that is remembered begins and ends, in order."""
        return [found.span() for found in self._pattern().finditer(folded(text))] if self._short else []

    def _wrapped(self, flat: str, passes: Callable[[str], bool]) -> Iterator[Span]:
        """What is found only where blanks, line ends and colours are left out."""
        together = _BLANKS.sub("", flat)
        found = [*self._long(together)] if len(together) < len(flat) else []
        spans = [span for span in found if not passes(together[slice(*span)])]
        places = _places(flat) if spans else []
        yield from ((places[start], places[end - 1] + 1) for start, end in spans)

    def _long(self, flat: str) -> Iterator[Span]:
        return _joined((at, at + RUN) for at in self._starts(flat))

    def _starts(self, flat: str) -> Iterator[int]:
        """The places whose next eight characters are remembered; a fifth of the text is looked at to find them."""
        for near in [at for at in range(0, len(flat), _STEP) if flat[at : at + _PART] in self._parts]:
            yield from (at for at in range(max(0, near - _STEP + 1), near + 1) if flat[at : at + RUN] in self._runs)

    def _pattern(self) -> re.Pattern[str]:
        if self._shorts is None:
            self._shorts = re.compile("|".join(map(re.escape, sorted(self._short, key=len, reverse=True))))
        return self._shorts


def folded(text: str) -> str:
    """`text` in small letters, each where it was: what has no small letter of one character stays."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one.lower() if len(one.lower()) == 1 else one for one in text)


def without(text: str, spans: Iterable[Span], mask: str) -> str:
    """`text` with `mask` in place of each of these spans."""
    clean, shown = list[str](), 0
    for start, end in spans:
        clean += [text[shown:start], mask]
        shown = end
    return "".join([*clean, text[shown:]]) if clean else text


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """These spans in order, as one where they touch."""
    start = end = -1
    for one in sorted(spans):
        if one[0] > end:
            if end >= 0:
                yield start, end
            start, end = one
        end = max(end, one[1])
    if end >= 0:
        yield start, end


def _places(flat: str) -> list[int]:
    """Where each character of `flat` without its blanks stands in it."""
    blanks = [*_BLANKS.finditer(flat)]
    starts, ends = (0, *(one.end() for one in blanks)), (*(one.start() for one in blanks), len(flat))
    return [at for start, end in zip(starts, ends, strict=True) for at in range(start, end)]
