"""Series as SVG paths: thinned out where there are more points than pixels, never by smoothing a spike away.

A path is made of numbers alone, which is why it may go into the page as it is.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drillbook.report.page.scale import Scale, Times

Points = list[tuple[float, float | None]]
Span = tuple[float, float]

BUCKETS = 400
_GAP = 3.0  # seconds without a point after which a line is not drawn through


def curve(points: Points, times: Times, scale: Scale) -> Markup:
    """A line through `points`, with a gap where there is no value."""
    commands, pen = [], "M"
    for t, value in _with_gaps(thinned(points, times), times):
        if value is None:
            pen = "M"
            continue
        commands.append(f"{pen}{times.x(t):.1f} {scale.y(value):.1f}")
        commands += ["h0"] if pen == "M" else []  # so that a point with a gap on both sides is still a dot
        pen = "L"
    return Markup("".join(commands))  # noqa: S704 (numbers that were formatted here)


def bars(points: Points, times: Times, scale: Scale) -> Markup:
    """A filled bar from each point to a second later, as high as the highest point of its bucket; neighbours join."""
    wide = max(1.0, _bucket(times))
    commands, end = [], None
    for t, group in _grouped(points, wide, times.low):
        value = max(value or 0.0 for _, value in group)
        if value > 0:
            commands += [] if end == t else [_foot(end, scale), f"M{times.x(t):.1f} {scale.height:.1f}"]
            commands.append(f"V{scale.y(value):.1f}H{times.x(t + wide):.1f}")
            end = t + wide
    return Markup("".join([*commands, _foot(end, scale)]))  # noqa: S704 (numbers that were formatted here)


def spans(points: Points, times: Times) -> list[Span]:
    """Where there is no value: from when to when."""
    joined: list[Span] = []
    for t, value in points:
        if value is None and joined and t - joined[-1][1] <= _bucket(times):
            joined[-1] = (joined[-1][0], t + 1)
        elif value is None:
            joined.append((t, t + 1))
    return joined


def thinned(points: Points, times: Times) -> Points:
    """`points`, or of each bucket the lowest and the highest one where there are too many to draw."""
    if len(points) <= 2 * BUCKETS:
        return points
    groups = _grouped(points, _bucket(times), times.low)
    return [point for _, group in groups for point in _extremes(list(group))]


def _foot(end: float | None, scale: Scale) -> str:
    return "" if end is None else f"V{scale.height:.1f}z"


def _extremes(group: Points) -> Points:
    known = [(value, number) for number, (_, value) in enumerate(group) if value is not None]
    if not known:
        return group[:1]
    return [group[number] for number in sorted({min(known)[1], max(known)[1]})]


def _grouped(points: Points, wide: float, low: float) -> Iterator[tuple[float, Iterator[tuple[float, float | None]]]]:
    for number, group in groupby(points, key=lambda point: (point[0] - low) // wide):
        yield low + number * wide, group


def _with_gaps(points: Sequence[tuple[float, float | None]], times: Times) -> Iterator[tuple[float, float | None]]:
    yield from points[:1]
    for (before, _), (t, value) in pairwise(points):
        if t - before > max(_GAP, 3 * _bucket(times)):
            yield t, None
        yield t, value


def _bucket(times: Times) -> float:
    return (times.high - times.low) / BUCKETS
