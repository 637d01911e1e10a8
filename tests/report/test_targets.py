"""The page of a run on several targets: a section for each, which says of none what holds for another."""

import json

import pytest

WELL, RED, DARK = "deal-scout@staging", "kuya-comps@staging", "kuya-comps@production"


@pytest.fixture
def sections(read):
    """What the page says of each target, by target."""
    said = read("targets").text
    places = [said.index(f"{target} {words}") for target, words in ((WELL, "exit 0 Held"), (RED, "exit 1 Breached"))]
    places += [said.index(f"{DARK} exit 11 Could"), said.index("Made from")]
    return {name: said[places[at] : places[at + 1]] for at, name in enumerate((WELL, RED, DARK))}


def test_the_top_says_what_came_of_all_and_of_each(read):
    said = read("targets").text
    assert said.index(f"{WELL}, {RED}, {DARK} exit 1") < said.index("Breached: something is wrong")
    assert f"{WELL} exit 0 {RED} exit 1 {DARK} exit 11" in said
    assert "5 limits judged, 3 of them measured that could reach the gate (high): 1 BREACHED, 1 UNKNOWN, 3 OK" in said


def test_each_has_its_own_verdicts_causes_and_counts(sections):
    assert "Nothing that was judged is wrong. OK: 2" in sections[WELL]
    assert "connection refused" not in sections[WELL]
    assert "1 limit" not in sections[WELL]
    assert "redis.up checks/test_shop.py::test_redis_up HIGH no must be yes connection refused" in sections[RED]
    assert "and so 1 more: redis.ping" in sections[RED]
    assert "2 limits judged, 1 of them measured" in sections[RED]
    assert "1 limit judged, 0 of them measured that could reach the gate (high): 1 OK" in sections[DARK]


def test_each_says_what_was_not_covered_and_what_was_asked_of_it(sections):
    assert f"test_queue[{RED}]" in sections[RED]
    assert "test_queue" not in sections[DARK]
    assert "redis.evictions no maxmemory is set" in sections[DARK]
    assert "redis 3 requests backend 14 requests" in sections[WELL]
    assert "redis 0 requests" in sections[RED]
    assert "backend 1 request" in sections[DARK]


def test_a_run_that_did_not_end_calls_no_target_green(page_of, journals, parsed):
    book = journals.targets()
    book.lines.pop()
    said = parsed(page_of(book)).text
    assert said.count("not finished") == 6  # at the top, and in each section
    assert "exit 0" not in said


def test_an_exit_code_of_0_is_not_believed_where_nothing_was_measured_of_one_target(page_of, journals, parsed):
    book = journals.targets()
    book.lines = [
        json.loads(json.dumps(line).replace("BREACHED", "OK").replace("UNKNOWN", "OK")) for line in book.lines
    ]
    book.lines[-1]["exit"] = 0
    said = parsed(page_of(book)).text
    assert "The exit code is 0, but nothing was measured that could reach the gate: this run is not green." in said
