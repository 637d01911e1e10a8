"""What `items.toml` and `red.toml` of the checkout's systems say: all of it is there, and nothing is left green."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from drillbook.system.covered import covered
from drillbook.system.items import ITEMS, items_of
from drillbook.system.judged import judged
from drillbook.system.library import Library
from drillbook.system.names import split
from drillbook.system.red import RED, Red, State, Step, red_of
from drillbook.system.validated import limits_of

LIBRARY = Library(Path(__file__).parents[2], {})
HOW_MANY = {  # of each system, in the order of the kinds
    "scraper-platform": (42, 29, 6, 23, 6, 6),
    "audit-app": (44, 29, 8, 32, 10, 5),
    "social-analytics": (39, 25, 6, 23, 11, 6),
    "deal-scout": (50, 37, 8, 31, 12, 7),
    "kuya-comps": (37, 21, 7, 15, 13, 5),
}
KINDS = {"C": "check", "X": "chaos", "L": "load", "F": "fix", "O": "operational", "N": "manual"}
WITH_RED = [name for name in LIBRARY.beside(RED) if name in LIBRARY.names()]


def left_green(red: Red, system, limits) -> set[str]:
    """What checks judge on the system and no state turns red."""
    return judged(system, limits) - {split(name)[0] for state in red.states.values() for name in state.red}


def strangers(red: Red, services: set[str]) -> set[str]:
    """The services that steps name and the compose file has not."""
    named = {
        getattr(step, key) for state in red.states.values() for step in state.do for key in ("stop", "pause", "service")
    }
    return named - services - {None}


@pytest.fixture
def deal_scout():
    """The system, its limits, and how they are turned red."""
    system, limits = limits_of(LIBRARY, "deal-scout")
    return system, limits, red_of(LIBRARY, system, limits)


def test_every_item_of_the_five_runbooks_is_there():
    found = {name: items_of(LIBRARY, name) for name in LIBRARY.beside(ITEMS)}
    counts = {
        name: tuple(sum(item.kind == kind for item in items.values()) for kind in KINDS.values())
        for name, items in found.items()
    }
    assert counts == HOW_MANY
    assert sum(map(len, found.values())) == 593


@pytest.mark.parametrize("system", HOW_MANY)
def test_items_are_numbered_by_kind_without_a_gap(system):
    numbers: dict[str, list[str]] = {}
    for name, item in items_of(LIBRARY, system).items():
        [letter, number] = re.fullmatch(r"[A-Z]{2}-([A-Z])(\d\d)", name).groups()
        assert KINDS[letter] == item.kind, name
        numbers.setdefault(letter, []).append(number)
    for letter, those in numbers.items():
        assert those == [f"{number:02}" for number in range(1, len(those) + 1)], letter


def test_there_are_states_to_be_proven():
    assert len(WITH_RED) > 2


@pytest.mark.parametrize("system", WITH_RED)
def test_every_limit_and_signal_is_turned_red_by_some_state(system):
    found, limits = limits_of(LIBRARY, system)
    assert left_green(red_of(LIBRARY, found, limits), found, limits) == set()


@pytest.mark.parametrize("system", WITH_RED)
def test_the_steps_are_about_services_of_the_compose_file(system):
    found, limits = limits_of(LIBRARY, system)
    compose = yaml.safe_load((LIBRARY.file_of(system).parent / found.stack.compose).read_text())
    assert strangers(red_of(LIBRARY, found, limits), set(compose["services"])) == set()


@pytest.mark.parametrize("system", WITH_RED)
def test_an_item_that_says_what_judges_it_is_covered(system):
    items = items_of(LIBRARY, system)
    open_ones = {one.id: one.reason for one in covered(LIBRARY, system) if items[one.id].judged_by and one.reason}
    assert open_ones == {}


def without(red: Red, name: str) -> Red:
    """The states without what is red in them of that name."""
    states = {
        at: one.model_copy(update={"red": [its for its in one.red if its != name]}) for at, one in red.states.items()
    }
    return red.model_copy(update={"states": states})


def test_a_limit_that_no_state_turns_red_is_found(deal_scout):
    system, limits, red = deal_scout
    for name in ("queue.stuck", "deals.ok", "health.redis", "api.p95"):
        assert left_green(without(red, name), system, limits) == {name}


def test_a_service_that_the_compose_file_has_not_is_found(deal_scout):
    *_, red = deal_scout
    assert strangers(red, {"backend", "visitor", "worker", "redis", "node-exporter"}) == {"postgres"}


def test_what_could_not_be_undone_leaves_a_copy_on_which_nothing_more_is_proven(proving, monkeypatch):
    def fails():
        raise RuntimeError("it is gone")

    monkeypatch.setitem(proving.ACTS, "stop", lambda *_: (lambda: None, fails))
    with pytest.raises(proving.NotGreen, match="not undone: it is gone"), proving.taken(None, Step(stop="redis")):
        pass


def test_a_state_in_which_nobody_looked_on_is_not_proven(proving):
    waits = iter([True, False])
    watch = SimpleNamespace(wait=lambda *_, **__: next(waits), rounds=[], since=lambda _: [])
    nothing_strange = SimpleNamespace(unasked=lambda _: "")
    state = State(do=[Step(stop="redis")], red=["redis.up"])
    with pytest.raises(proving.NotProven, match="nobody looked"):
        proving.Copy(None, watch)._wait_for_red(state, nothing_strange, 1)


@pytest.mark.parametrize("name", ["api.p95", "database.size"])
def test_a_copy_is_judged_by_scaled_figures_and_by_all_others_of_the_file(deal_scout, scaled, tmp_path, name):
    _, limits, red = deal_scout
    made_up = red.model_copy(update={"scaled": {name: "> 7"}})
    path = tmp_path / "systems" / "deal-scout" / "system.toml"
    path.parent.mkdir(parents=True)
    path.write_text(scaled(LIBRARY.file_of("deal-scout").read_text(), made_up, limits))
    _, there = limits_of(Library(tmp_path, {}), "deal-scout")
    [rung] = there.named(name).rungs
    assert (rung.threshold, rung.severity) == (7, limits.named(name).worst)
    assert {one.name for one in there if one.rungs != limits.named(one.name).rungs} == {name}
