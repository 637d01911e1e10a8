"""Every state of every `red.toml`, on a real copy: red is what it says and nothing else, and green again what was.

All of them take half an hour: `make red`. Among the proofs is one of each system.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from drillbook.system.library import Library
from drillbook.system.names import split
from drillbook.system.red import Red, red_of
from drillbook.system.validated import limits_of

LIBRARY = Library(Path(__file__).parents[2], {})
RED = {
    name: red
    for name in LIBRARY.names()
    if LIBRARY.read(name).stack and (red := red_of(LIBRARY, *limits_of(LIBRARY, name)))
}
STATES = [
    pytest.param(name, state, id=f"{name}/{at}", marks=pytest.mark.red if number else pytest.mark.proof)
    for name, red in RED.items()
    for number, (at, state) in enumerate(red.states.items())
]


@pytest.mark.parametrize(("system", "state"), STATES)
def test_each_state_turns_red_what_it_says_and_nothing_else(copies, system, state):
    copies.prove(system, state)


@pytest.mark.proof
@pytest.mark.parametrize("system", RED)
def test_all_that_is_judged_is_turned_red_by_some_state(copies, system):
    red = {split(name)[0] for state in RED[system].states.values() for name in state.red}
    assert copies.of(system).judged() - red == set()


MADE_UP = tomllib.loads("""
[states.turns_nothing_red]
do = [{ redis = ["PING"], undo = ["PING"], service = "redis" }]
red = ["redis.up"]

[states.turns_only_one_of_two_red]
do = [{ stop = "redis" }]
red = ["redis.up", "database.up"]
may = ["*"]

[states.turns_something_else_red]
do = [{ stop = "redis" }]
red = ["redis.up"]
may = ["queue.*", "*.latency", "api.*"]

[states.is_not_mended]
do = [{ redis = ["CONFIG", "SET", "maxmemory", "1mb"], undo = ["PING"], service = "redis" }]
red = ["redis.writable", "redis.memory"]
may = ["cache.hit_rate"]

[states.cannot_be_done]
do = [{ stop = "redis" }, { run = ["false"], undo = ["true"], service = "backend" }]
red = ["redis.up"]
""")
IN_VAIN = {  # how long they wait for what does not come
    "turns_nothing_red": {"red_within": 8},
    "turns_only_one_of_two_red": {"red_within": 30},
    "is_not_mended": {"green_within": 90},
}
COMES_OUT = {
    "turns_nothing_red": r"not yet red: redis\.up: ",
    "turns_only_one_of_two_red": r"not yet red: database\.up: ",
    "turns_something_else_red": r"health\.redis turned red unasked: ",
    "is_not_mended": r"not green again: .*redis\.(writable|memory)",
    "cannot_be_done": r"backend: false: exit code 1",
}


@pytest.mark.proof
@pytest.mark.parametrize(("state", "words"), COMES_OUT.items(), ids=[f"deal-scout/{state}" for state in COMES_OUT])
def test_a_state_that_is_otherwise_than_it_says_fails(copies, state, words):
    made_up = Red.model_validate(MADE_UP).states[state]
    with pytest.raises(AssertionError, match=words):
        copies.prove("deal-scout", made_up, **IN_VAIN.get(state, {}))
