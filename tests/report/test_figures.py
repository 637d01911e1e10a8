"""What figures draw: every spike, gaps where there was nothing, axes that people can read."""

import re
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from drillbook.report.page.paths import BUCKETS, bars, curve, spans, thinned
from drillbook.report.page.scale import Times, scale_of, short, times_of


def heights(path: str) -> list[float]:
    return [float(found) for found in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]


@given(some.integers(1, 5000), some.integers())
def test_thinning_keeps_the_highest_and_the_lowest_and_few_others(count, seed):
    dice = Random(seed)
    values = [None if dice.random() < 0.1 else dice.uniform(0, 1e6) for _ in range(count)]
    points = [(float(second), value) for second, value in enumerate(values)]
    kept = thinned(points, Times(0, len(values)))
    known = [value for value in values if value is not None]
    assert set(kept) <= set(points)
    assert len(kept) <= 2 * BUCKETS + 2
    assert max((value for _, value in kept if value is not None), default=None) == max(known, default=None)
    assert min((value for _, value in kept if value is not None), default=None) == min(known, default=None)


def test_a_spike_of_one_second_in_an_hour_is_drawn():
    points = [(float(second), 9000.0 if second == 1800 else 20.0) for second in range(3600)]
    times, scale = Times(0, 3600), scale_of([9000.0, 20.0], 88)
    path = curve(points, times, scale)
    assert min(heights(path)) == pytest.approx(scale.y(9000.0), abs=0.1)
    assert len(path) < 12_000


def test_one_error_in_an_hour_is_drawn():
    points = [(float(second), 1.0 if second == 1800 else 0.0) for second in range(3600)]
    assert bars(points, Times(0, 3600), scale_of([1.0], 88)).count("M") == 1


def test_a_line_is_not_drawn_through_a_gap():
    times, scale = Times(0, 10), scale_of([1.0], 88)
    assert curve([(0, 1.0), (1, None), (2, 1.0)], times, scale).count("M") == 2
    assert curve([(0, 1.0), (1, 1.0), (9, 1.0)], times, scale).count("M") == 2
    assert curve([(0, 1.0), (1, 1.0), (2, 1.0)], times, scale).count("M") == 1


def test_where_nobody_was_served_is_a_stretch_of_its_own():
    points = [(0, 1.0), (1, None), (2, None), (3, 1.0), (7, None)]
    assert spans(points, Times(0, 10)) == [(1, 3), (7, 8)]


@given(some.lists(some.floats(0, 1e12), max_size=50))
def test_a_scale_holds_all_its_values_and_has_a_few_round_ticks(values):
    scale = scale_of(values, 88, may_bend=True)
    assert all(0 <= scale.y(value) <= 88 for value in values)
    assert scale.high >= max(values, default=0) * 0.98
    assert 1 <= len(scale.ticks()) <= 6


def test_a_scale_bends_only_where_one_value_dwarfs_the_rest():
    assert scale_of([10, 12, 11, 4000], 88, may_bend=True).logarithmic
    assert not scale_of([10, 12, 11, 40], 88, may_bend=True).logarithmic
    assert not scale_of([10, 12, 11, 4000], 88).logarithmic


@given(some.lists(some.floats(-1e10, 1e10), max_size=5))
def test_a_time_axis_has_ticks_within_it(moments):
    ticks = times_of(moments).ticks()
    assert len(ticks) <= 8
    assert all(0 <= tick.at <= 100 for tick in ticks)


@pytest.mark.parametrize(
    ("until", "labels"),
    [
        (18, ["0 s", "5 s", "10 s", "15 s"]),
        (300, ["0 min", "1 min", "2 min", "3 min", "4 min", "5 min"]),
        (7200, ["0 min", "30 min", "60 min", "90 min", "120 min"]),
        (90_000, ["0 h", "6 h", "12 h", "18 h", "24 h"]),
    ],
)
def test_ticks_are_at_times_that_people_count_in(until, labels):
    assert [tick.label for tick in times_of([0.0, until]).ticks()] == labels


def test_a_tick_fits_beside_its_axis():
    assert [short(value) for value in (0, 0.25, 1500, 20_000, 3e6, 1e12)] == ["0", "0.25", "1500", "20k", "3M", "1T"]


def test_rungs_close_to_each_other_have_labels_that_can_be_read(journals, page_of, parsed):
    book = journals.load()
    book.lines[0]["limits"] = {"api.p95": {"unit": "ms", "rungs": {"low": "> 500", "medium": "> 510", "high": "> 520"}}}
    labels = parsed(page_of(book)).of("text", "rule")
    places = sorted(float(attrs["y"]) for attrs in labels)
    assert len(places) == 3
    assert all(below - above >= 12 for above, below in pairwise(places))


@pytest.mark.parametrize("limits", [{}, {"api.p95": {"unit": "s", "rungs": {"high": "> 2"}}}, {"api.p95": "x"}])
def test_a_profile_without_rungs_in_milliseconds_is_drawn_without(journals, page_of, parsed, limits):
    book = journals.load()
    book.lines[0]["limits"] = limits
    page = parsed(page_of(book))
    assert page.of("line", "rule") == []
    assert len(page.of("path", "p95")) == 2


def test_a_drill_without_traffic_has_its_phases_and_strips(journals, page_of, parsed):
    book = journals.drill()
    book.lines = [line for line in book.lines if line["kind"] != "traffic"]
    page = parsed(page_of(book))
    assert "No traffic is on record." in page.text
    assert len(page.of("text", "mark")) == 7
    assert page.of("path", "requests") == []
