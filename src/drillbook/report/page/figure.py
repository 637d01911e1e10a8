"""A figure: panels one below the other over one time axis. What is where, in pixels down and percent across.

The figure stretches to the width there is while its text keeps its size, so that one figure serves a phone, a
screen and paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from drillbook.common.inert import inert

if TYPE_CHECKING:
    from markupsafe import Markup

    from drillbook.report.page.scale import Scale, Times

PANEL = 88.0
_TITLE, _BELOW, _STAIR, _STRIP, _AXIS = 24.0, 14.0, 17.0, 26.0, 24.0
_LINE = 13.0
_TURN = 55.0  # percent of the width after which a label stands on the left of what it labels


@dataclass(frozen=True)
class Rule:
    """A labelled line across a panel: a rung of a limit. `label_y` is where its label has room."""

    y: float
    label: str
    label_y: float = 0.0


@dataclass(frozen=True)
class Box:
    """A stretch of time; `look` says how it is drawn."""

    x: float
    width: float
    look: str


@dataclass(frozen=True)
class Curve:
    """One series as a path; `look` says how it is drawn."""

    path: Markup
    look: str


@dataclass(frozen=True)
class Panel:
    """One plot of a figure; `top` is where its plotting area begins."""

    title: str
    scale: Scale
    curves: list[Curve]
    rules: list[Rule] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    top: float = 0.0


@dataclass(frozen=True)
class Mark:
    """A moment that is marked through all panels; `y` is where its label stands, `left` on which side."""

    x: float
    label: str
    look: str
    y: float = 0.0

    @property
    def left(self) -> bool:
        """Whether the label stands on the left of its line."""
        return self.x > _TURN


@dataclass(frozen=True)
class Strip:
    """One limit over time: stretches of one outcome each."""

    title: str
    boxes: list[Box]
    top: float = 0.0


@dataclass(frozen=True)
class Figure:
    """The whole figure; `desc` says in words what it shows, `key` names it among the page's figures.

    `washes` are stretches of time that are tinted through all panels; `axes` is where the time axis is written.
    """

    key: str
    title: str
    desc: str
    times: Times
    panels: list[Panel]
    marks: list[Mark] = field(default_factory=list)
    strips: list[Strip] = field(default_factory=list)
    washes: list[Box] = field(default_factory=list)
    axes: list[float] = field(default_factory=list)
    height: float = 0.0

    @property
    def foot(self) -> float:
        """How far down lines through the whole figure reach."""
        return max(self.axes, default=0.0)

    @property
    def asks(self) -> bool:
        """Whether it shows what was asked for."""
        return any(curve.look == "asked" for panel in self.panels for curve in panel.curves)


def laid_out(figure: Figure) -> Figure:
    """The figure with everything in its place: marks as a staircase on top, then panels, then strips."""
    marks = [replace(mark, y=_STAIR * (number + 0.7)) for number, mark in enumerate(figure.marks)]
    panels, top = _panels(figure.panels, _STAIR * len(marks))
    axes = [top] if panels or not figure.strips else []
    top += _AXIS * len(axes)
    strips = [replace(strip, top=top + _STRIP * (number + 0.7)) for number, strip in enumerate(figure.strips)]
    if strips:
        axes.append(top + _STRIP * len(strips) + 6)
    return replace(figure, marks=marks, panels=panels, strips=strips, axes=axes, height=axes[-1] + _AXIS)


def _panels(panels: list[Panel], top: float) -> tuple[list[Panel], float]:
    placed = []
    for panel in panels:
        placed.append(replace(panel, top=top + _TITLE))
        top += _TITLE + panel.scale.height + _BELOW
    return placed, top


def rules(lines: list[Rule]) -> list[Rule]:
    """The lines with their labels above them, from the foot up, each with room of its own."""
    free, placed = float("inf"), []
    for rule in sorted(lines, key=lambda rule: -rule.y):
        free = min(free - _LINE, rule.y - 4)
        placed.append(replace(rule, label_y=free))
    return placed


def brief(text: str, longest: int = 44) -> str:
    """`text` as there is room for it in a figure, where nothing wraps; the page's tables have the whole of it."""
    shown = inert(text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def box(times: Times, begin: float, end: float, look: str) -> Box:
    """The stretch from `begin` to `end`, wide enough to be seen."""
    x = times.percent(begin)
    return Box(x, max(0.25, times.percent(end) - x), look)
