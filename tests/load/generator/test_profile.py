"""A profile's arrivals: as many as its rate comes to, each at its time, the same in every run; nonsense is refused."""

import itertools
import math
import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drillbook import LoadProfile, Ramp

RATES = st.one_of(st.just(0.0), st.floats(0.01, 500), st.integers(0, 500))
RAMPS = st.lists(st.builds(Ramp, to=RATES, seconds=st.floats(0.01, 30)), min_size=1, max_size=6).map(tuple)


def profile(*ramps, **other):
    return LoadProfile(**{"runbook": "API Latency", "arrivals": ramps, "held_to": ("api.p95",), **other})


def area(ramps):
    """The rate's integral, written another way than the profile does."""
    before = [0.0, *(ramp.to for ramp in ramps)]
    return sum((first + ramp.to) * ramp.seconds / 2 for first, ramp in zip(before, ramps, strict=False))


def cut(ramps, moment, rate):
    """The ramps up to that moment, at which the rate is `rate`."""
    begun, ended = [], 0.0
    for ramp in ramps:
        ended += ramp.seconds
        if ended > moment:
            left = moment - ended + ramp.seconds
            return (*begun, Ramp(to=rate, seconds=left)) if left > 0 else tuple(begun)
        begun.append(ramp)
    return tuple(begun)


@settings(deadline=None)
@given(RAMPS)
def test_there_are_as_many_arrivals_as_the_rate_comes_to(ramps):
    assume(area(ramps) >= 0.6)
    due = list(profile(*ramps).due())
    assert abs(len(due) - area(ramps)) <= 1
    assert len(due) == profile(*ramps).asked


@settings(deadline=None)
@given(RAMPS)
def test_they_are_in_order_and_within_the_profile(ramps):
    assume(area(ramps) >= 0.6)
    it = profile(*ramps)
    due = list(it.due())
    assert all(one < other for one, other in itertools.pairwise(due))
    assert due[0] >= 0
    assert due[-1] <= it.seconds
    assert due == list(it.due())


@settings(deadline=None)
@given(RAMPS, st.floats(0, 1))
def test_at_each_moment_as_many_were_due_as_the_rate_came_to_by_then(ramps, share):
    assume(area(ramps) >= 0.6)
    it = profile(*ramps)
    moment = it.seconds * share
    assert abs(sum(due <= moment for due in it.due()) - area(cut(ramps, moment, it.rate_at(moment)))) <= 1


def test_a_level_rate_has_level_intervals():
    due = list(profile(Ramp(to=10, seconds=1), Ramp(to=10, seconds=2)).due())
    assert [later - one for one, later in itertools.pairwise(due[6:])] == pytest.approx([0.1] * 18)


def test_a_ramp_from_nothing_begins_slowly_and_a_ramp_to_nothing_ends_so():
    due = list(profile(Ramp(to=10, seconds=4), Ramp(to=0, seconds=4), Ramp(to=0, seconds=5)).due())
    assert due[:20] == pytest.approx([8 - moment for moment in reversed(due[20:])])
    assert due[1] - due[0] > due[19] - due[18]


def test_what_it_says_of_itself():
    it = profile(Ramp(to=20, seconds=30), Ramp(to=20, seconds=240), Ramp(to=5, seconds=10))
    assert (it.seconds, it.peak, it.asked) == (280, 20, 5225)
    moments = (-1, 0, 15, 30, 100, 275, 280, 281)
    assert [it.rate_at(moment) for moment in moments] == [0, 0, 10, 20, 20, 12.5, 5, 0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"to": -1, "seconds": 1}, "arrivals a second, 0 or more"),
        ({"to": math.nan, "seconds": 1}, "arrivals a second, 0 or more"),
        ({"to": math.inf, "seconds": 1}, "arrivals a second, 0 or more"),
        ({"to": "20", "seconds": 1}, "arrivals a second, 0 or more"),
        ({"to": 1, "seconds": 0}, "seconds, more than 0"),
        ({"to": 1, "seconds": -3}, "seconds, more than 0"),
        ({"to": 1, "seconds": math.nan}, "seconds, more than 0"),
    ],
)
def test_a_ramp_that_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        Ramp(**wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"arrivals": ()}, "a tuple of ramps, at least one"),
        ({"arrivals": Ramp(to=1, seconds=1)}, "a tuple of ramps, at least one"),
        ({"arrivals": (20, 30)}, "a tuple of ramps, at least one"),
        ({"held_to": ()}, "names of limits, at least one"),
        ({"held_to": "api.p95"}, "names of limits, at least one"),
        ({"served": 0}, "more than 0 and at most 1"),
        ({"served": 1.01}, "more than 0 and at most 1"),
        ({"served": math.nan}, "more than 0 and at most 1"),
        ({"arrivals": (Ramp(to=0, seconds=9),)}, "not even one request"),
        ({"arrivals": (Ramp(to=0.1, seconds=1),)}, "not even one request"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        profile(Ramp(to=1, seconds=9), **wrong)


def test_what_makes_sense_is_not():
    assert profile(Ramp(to=1, seconds=9), served=1).asked == 5


def test_importing_it_patches_nothing():
    code = "import drillbook, sys; print([name for name in ('locust', 'gevent') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
