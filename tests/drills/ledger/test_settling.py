"""How long a ledger is waited for: until all is there, or nothing more is to be expected."""

from __future__ import annotations

import threading

import pytest

from drillbook.drills.ledger.history import Outcome, Write
from drillbook.drills.ledger.readback import Settling


def acknowledged(*done):
    """A history of writes, called by the second in which each was acknowledged."""
    return [Write(str(at), Outcome.OK, done=float(at)) for at in done]


@pytest.fixture
def settling():
    """A ledger that may take 30 s, read from second 100 on; three seconds without news are quiet."""
    return Settling(100.0, 30.0)


def test_it_is_over_when_all_is_there(settling):
    assert settling.is_over(acknowledged(1, 2), {"1": 1, "2": 1}, now=100)


def test_what_was_acknowledged_later_is_not_waited_for(settling):
    assert settling.is_over(acknowledged(1, 101), {"1": 1}, now=102)


def test_what_was_overtaken_long_ago_is_waited_for_until_it_is_quiet(settling):
    assert not settling.is_over(acknowledged(1, 2, 3), {"3": 1}, now=100)
    assert not settling.is_over(acknowledged(1, 2, 3), {"3": 1, "1": 1}, now=102)
    assert not settling.is_over(acknowledged(1, 2, 3), {"3": 1, "1": 1}, now=104)
    assert settling.is_over(acknowledged(1, 2, 3), {"3": 1, "1": 1}, now=105)


def test_what_is_missing_has_its_whole_time_from_its_acknowledgement(settling):
    assert not settling.is_over(acknowledged(80, 90), {"90": 1}, now=100)
    assert not settling.is_over(acknowledged(80, 90), {"90": 1}, now=109)
    assert settling.is_over(acknowledged(80, 90), {"90": 1}, now=111)


def test_what_was_not_overtaken_is_waited_for_to_the_end(settling):
    assert not settling.is_over(acknowledged(1, 2, 3), {"1": 1}, now=100)
    assert not settling.is_over(acknowledged(1, 2, 3), {"1": 1}, now=129)
    assert settling.is_over(acknowledged(1, 2, 3), {"1": 1}, now=130)


def test_what_arrives_late_is_there(shop, ledgers_of):
    ledgers = ledgers_of(shop.url, ("keeps = true", 'keeps = true\nsettles = "20s"'))
    with ledgers:
        assert ledgers.wait_for(10, within=60)
    held = [shop.rows.pop() for _ in range(5)]
    threading.Timer(1.0, lambda: shop.rows.extend(reversed(held))).start()
    found = ledgers.account()["orders"]
    assert (found.verdict, found.lost) == ("OK", [])


def test_cut_short_it_judges_nothing_that_may_still_turn_up(shop, ledgers_of):
    shop.plan = dict.fromkeys(range(200), "lost")
    with ledgers_of(shop.url, ("keeps = true", 'keeps = true\nsettles = "1h"')) as ledgers:
        assert ledgers.wait_for(10, within=60)
        running = ledgers.account(within=0.0)["orders"]
    ended = ledgers.account(within=0.0)["orders"]
    assert (running.verdict, running.lost) == (ended.verdict, ended.lost) == ("UNKNOWN", [])
    assert "nothing was acknowledged early enough (" in running.verdict_words


def test_what_has_not_turned_up_in_its_time_is_lost(shop, ledgers_of):
    shop.plan = dict.fromkeys(range(200), "lost")
    with ledgers_of(shop.url, ("keeps = true", 'keeps = true\nsettles = "1s"')) as ledgers:
        assert ledgers.wait_for(10, within=60)
    found = ledgers.account()["orders"]
    assert (found.verdict, len(found.lost) >= 10) == ("BREACHED", True)


def test_it_is_waited_for_while_the_traffic_goes_on(shop, ledgers_of):
    with ledgers_of(shop.url, ("keeps = true", 'keeps = true\nsettles = "20s"')) as ledgers:
        assert ledgers.wait_for(10, within=60)
        found = ledgers.account()["orders"]
    assert (found.verdict, found.acknowledged >= 10) == ("OK", True)
