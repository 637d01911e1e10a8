"""The rules of the account, against an oracle that knows what really happened to each write."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from drillbook.drills.ledger import Outcome, Write, account

PREFIX, BEGAN = "run-orders-", 100.0
FATES = st.tuples(st.sampled_from(Outcome), st.sampled_from([0, 0, 1, 1, 1, 2, 3]), st.floats(0, 200), st.booleans())
NAMES = st.sets(st.text(min_size=1, max_size=5).map(lambda text: f"!{text}"), max_size=3)
EXAMPLES = 2000


def oracle(fates, phantoms):
    """What an all-knowing bookkeeper says, one write at a time."""
    says = dict.fromkeys(("acknowledged", "present", "later", "maybe", "recovered", "failed", "duplicates"), 0)
    says |= {"lost": [], "denied": [], "phantom": sorted(PREFIX + name for name in phantoms)}
    for key, (outcome, times, done, _) in fates.items():
        says["duplicates"] += max(0, times - 1)
        if outcome == "ok" and done >= BEGAN:
            says["later"] += 1
        elif outcome == "ok":
            says["acknowledged"] += 1
            says["present"] += bool(times)
            says["lost"] += [] if times else [key]
        elif outcome == "maybe":
            says["maybe"] += 1
            says["recovered"] += bool(times)
        else:
            says["failed"] += 1
            says["denied"] += [key] if times else []
    return says


def judged(says, may_lose):
    """The one verdict that the facts allow."""
    if says["phantom"] or says["denied"] or (says["lost"] and not may_lose):
        return "BREACHED"
    return "OK" if says["acknowledged"] else "UNKNOWN"


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(FATES, max_size=30), NAMES, NAMES, st.sampled_from(["", "Outage"]))
def test_no_history_is_misjudged(drawn, phantoms, strangers, may_lose):
    fates = {f"{PREFIX}{number:03d}": fate for number, fate in enumerate(drawn)}
    history = [
        Write(key, outcome, done=None if outcome is Outcome.MAYBE and under_way else done)
        for key, (outcome, _, done, under_way) in fates.items()
    ]
    present = {key: times for key, (_, times, _, _) in fates.items() if times}
    present |= {PREFIX + name: 1 for name in phantoms} | {f"other-{name}": 2 for name in strangers}
    found = account("orders", history, present, prefix=PREFIX, began=BEGAN, may_lose=may_lose)
    says = oracle(fates, phantoms)
    assert {name: getattr(found, name) for name in says} == says
    assert found.verdict == judged(says, may_lose)
    assert found.verdict_words.startswith("orders: ")
    assert ("LOST" in found.verdict_words) == (bool(says["lost"]) and not may_lose)
    assert ("PHANTOM" in found.verdict_words) == bool(phantoms)
    assert ("cannot tell" in found.verdict_words) == (not says["acknowledged"])


def test_a_write_acknowledged_while_we_read_is_not_missed():
    found = account("orders", [Write("p-1", Outcome.OK, done=2.0)], {}, prefix="p-", began=1.0)
    assert (found.lost, found.later, found.verdict) == ([], 1, "UNKNOWN")


def test_a_write_still_under_way_is_indeterminate():
    found = account("orders", [Write("p-1")], {"p-1": 1}, prefix="p-", began=1.0)
    assert (found.maybe, found.recovered, found.phantom) == (1, 1, [])


def test_many_lost_keys_make_no_long_sentence():
    history = [Write(f"p-{number}", Outcome.OK, done=0.0) for number in range(9)]
    found = account("orders", history, {}, prefix="p-", began=1.0)
    assert found.verdict_words == "orders: LOST 9 of 9 acknowledged (p-0, p-1, p-2, and 6 more)"


def test_the_facts_are_plain_and_hold_the_verdict():
    facts = account("orders", [Write("p-1", Outcome.OK, done=0.0)], {"p-1": 1}, prefix="p-", began=1.0).facts()
    assert (facts["verdict"], type(facts["verdict"])) == ("OK", str)
    assert facts["words"] == "orders: all 1 acknowledged are there"
