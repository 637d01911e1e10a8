"""Clients that write meet a drill's own copy and nothing else; and what a system file must not say of a ledger."""

from __future__ import annotations

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.drills.ledger import Ledgers
from drillbook.system.consistent import ledger_mistakes
from drillbook.system.file import read_system


@pytest.mark.parametrize("name", ["shop@staging", "shop@local"])
def test_a_target_that_is_no_drill_is_refused(target_of, name):
    with pytest.raises(Mistakes, match="only a drill's own copy is written to"):
        Ledgers(target_of("http://127.0.0.1:9", name=name), "a-run")


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1:80", "http://shop.example", "http://127.0.0.1.example", "x", "http://[::"]
)
def test_a_drill_whose_service_is_elsewhere_is_refused(target_of, url):
    with pytest.raises(Mistakes, match="web is not on this machine"):
        Ledgers(target_of(url), "a-run")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_a_drill_on_this_machine_is_not(target_of, url):
    assert Ledgers(target_of(url), "a-run").counts() == {"orders": {"ok": 0, "maybe": 0, "fail": 0}}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('service = "web"', 'service = "wbe"', "ledgers.orders.write.service: 'wbe' is no http service of this file"),
        ("keeps = true", "", "ledgers.orders: say either keeps = true or may_lose"),
        ("keeps = true", 'keeps = true\nmay_lose = "Outage"', "ledgers.orders: say either keeps = true or may_lose"),
        ("keeps = true", 'may_lose = "Outrage"', "ledgers.orders.may_lose: 'Outrage' is not among runbook.sections"),
        ('buyer = "drillbook"', 'key = "mine"', "ledgers.orders.write.json: leave 'key' out"),
        ("[200, 201]", "[200], refused = [500]", ""),
    ],
)
def test_a_mistake_between_tables_is_named_with_its_place(target_of, tmp_path, old, new, message):
    try:
        Ledgers(target_of("http://127.0.0.1:9", (old, new)), "a-run")
    except Mistakes as mistakes:
        assert message and message in str(mistakes)  # noqa: PT017, PT018
    else:
        assert not message
    found = list(ledger_mistakes(read_system(tmp_path / "systems" / "shop" / "system.toml")))
    assert found[0].startswith(message) if message else not found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('every = "20ms"', 'every = "1ms"', "ledgers.orders.write.every: writes at most once every 10ms"),
        ('every = "20ms"', 'every = "often"', "is no duration"),
        ("[200, 201]", "[]", "ledgers.orders.write.acknowledged"),
        ("[200, 201]", "[503]", "ledgers.orders.write.acknowledged.0"),
        ("keeps = true", "keeps = true\nloses = 3", "ledgers.orders.loses: unknown key"),
        ("keeps = true", 'keeps = true\nsettles = "soon"', "ledgers.orders.settles"),
        ('"$.orders"', '"orders"', "ledgers.orders.read.items"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_place(target_of, old, new, message):
    with pytest.raises(Mistakes) as mistakes:
        target_of("http://127.0.0.1:9", (old, new))
    assert message in str(mistakes.value)
