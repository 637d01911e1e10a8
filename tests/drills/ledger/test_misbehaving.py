"""A real server goes wrong in one way at a time, and the account says which."""

from __future__ import annotations

import pytest

from drillbook.common.polling import until


def test_a_shop_that_keeps_its_word_has_lost_nothing(accounted):
    found = accounted({})
    assert found.verdict == "OK"
    assert found.verdict_words == f"orders: all {found.acknowledged} acknowledged are there"
    assert found.acknowledged >= 20


LOGIN = 'login = { path = "/login", json = { name = "checker" }, token = "$.token" }'
DEALS = 'endpoints.deals = { path = "/deals", json = "$.deals"'


def test_clients_of_a_shop_behind_a_login_are_logged_in_and_send_what_the_file_says(shop, ledgers_of):
    shop.wants = {"Authorization": "Bearer of-a-client", "X-Tenant": "deals"}
    ledgers = ledgers_of(shop.url, (DEALS, f'{LOGIN}\n{DEALS}, headers = {{ X-Tenant = "deals" }}'))
    with ledgers:
        assert ledgers.wait_for(20, within=60)
        assert until(lambda: any(path == "/deals" for _, path in shop.asked), within=60)
    found = ledgers.account()["orders"]
    assert (found.verdict, found.failed, found.lost) == ("OK", 0, [])
    assert {one.ok for one in ledgers.traffic.samples() if one.kind == "read"} == {True}


@pytest.mark.parametrize("how", ["lost", "cut short"])
def test_an_acknowledged_order_that_is_not_there_is_lost(accounted, how):
    found = accounted({3: how, 7: how})
    assert (found.verdict, len(found.lost)) == ("BREACHED", 2)
    assert f"LOST 2 of {found.acknowledged} acknowledged (" in found.verdict_words
    assert all(key.endswith(("-000003", "-000007")) for key in found.lost)


def test_a_loss_that_the_runbook_accepts_is_counted_and_not_judged(accounted):
    found = accounted({3: "lost"}, ("keeps = true", 'may_lose = "Outage"'))
    assert (found.verdict, len(found.lost)) == ("OK", 1)
    assert '1 lost, which "Outage" accepts' in found.verdict_words


def test_a_phantom_is_wrong_even_where_losses_are_accepted(accounted):
    found = accounted({3: "invents"}, ("keeps = true", 'may_lose = "Outage"'))
    assert (found.verdict, len(found.phantom)) == ("BREACHED", 1)
    assert "PHANTOM: 1 there that nobody sent" in found.verdict_words


@pytest.mark.parametrize("how", ["dropped done", "half an answer", "500 done", "late"])
def test_what_was_not_acknowledged_and_is_there_is_recovered(accounted, how):
    found = accounted({3: how})
    assert (found.verdict, found.maybe, found.recovered, found.lost) == ("OK", 1, 1, [])
    assert "1 indeterminate, 1 of them there" in found.verdict_words


def test_an_order_that_is_there_before_its_answer_is_no_phantom(shop, ledgers_of):
    shop.plan = {3: "late"}
    with ledgers_of(shop.url) as ledgers:
        assert ledgers.wait_for(10, within=60)
        found = ledgers.account()["orders"]
    assert (found.verdict, found.phantom, found.recovered >= 1) == ("OK", [], True)


def test_what_was_not_acknowledged_and_is_not_there_is_no_loss(accounted):
    found = accounted({3: "dropped undone"})
    assert (found.verdict, found.maybe, found.recovered, found.lost) == ("OK", 1, 0, [])


def test_a_refused_order_is_none(accounted):
    found = accounted({3: "refused"})
    assert (found.verdict, found.failed, found.denied) == ("OK", 1, [])


def test_a_refusal_that_was_none_is_wrong(accounted):
    found = accounted({3: "denied"})
    assert (found.verdict, len(found.denied)) == ("BREACHED", 1)
    assert "DENIED: 1 there that were refused" in found.verdict_words


def test_a_file_may_declare_which_answers_are_refusals(accounted):
    found = accounted({3: "500 done"}, ("acknowledged = [200, 201]", "acknowledged = [200, 201], refused = [500]"))
    assert (found.failed, len(found.denied)) == (1, 1)


def test_duplicates_are_counted(accounted):
    found = accounted({3: "twice", 5: "twice"})
    assert (found.verdict, found.duplicates) == ("OK", 2)
    assert "2 duplicates" in found.verdict_words


def test_nothing_acknowledged_cannot_be_told(accounted):
    found = accounted(dict.fromkeys(range(500), "500 done"))
    assert (found.verdict, found.acknowledged) == ("UNKNOWN", 0)
    assert "cannot tell: nothing was acknowledged" in found.verdict_words


def test_a_service_that_refuses_connections_has_failed_and_cannot_be_told(shop, ledgers_of):
    shop.close()
    ledgers = ledgers_of(shop.url)
    with ledgers:
        assert until(lambda: ledgers.counts()["orders"]["fail"] > 10, within=60)
        assert not ledgers.wait_for(1, within=0)
    found = ledgers.account(within=0.5)["orders"]
    assert ledgers.counts()["orders"]["fail"] == found.failed > 10
    assert ledgers.counts()["orders"]["maybe"] == 0
    assert "cannot tell: /orders?since=0: connection refused" in found.verdict_words


def test_a_list_that_cannot_be_read_to_its_end_cannot_be_told(shop, ledgers_of):
    ledgers = ledgers_of(shop.url)
    with ledgers:
        assert ledgers.wait_for(10, within=60)
    shop.listing = 503
    found = ledgers.account(within=0.5)["orders"]
    assert (found.verdict, found.lost) == ("UNKNOWN", [])
    assert "cannot tell: /orders?since=0 answered 503" in found.verdict_words


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"$.orders"', '"$.order"', "has no $.order"),
        ('items = "$.orders"', 'items = "$.orders", key = "name"', "has no id or name"),
        ('"/orders?since={since}"', '"/orders?since=0&after={since}"', "not listed oldest first"),
        ('times = "times"', 'times = "key"', "key of an item is no count"),
    ],
)
def test_a_list_that_is_not_what_the_file_says_cannot_be_told(shop, ledgers_of, old, new, why):
    shop.keep("somebody else's")
    found = ledgers_of(shop.url, (old, new)).account(within=0.1)["orders"]
    assert found.verdict == "UNKNOWN"
    assert why in found.verdict_words


def test_a_drill_does_not_read_the_one_before_it(accounted):
    first, second = accounted({}), accounted({})
    assert first.verdict == second.verdict == "OK"
    assert second.acknowledged < 40
