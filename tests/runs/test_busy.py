"""A machine without time: a service that is slow stays BREACHED, and one that is not is never blamed."""

from __future__ import annotations

import pytest

LOOPS = 8
ROUNDS = 4
RUN = ("checks", "--target", "shop@local", "--gate", "low", "--interval", "0.2", "--every", "300ms", "-k", "items")
LATENCY = """
[limits."items.latency"]
unit = "ms"
low = "> 1000"

[environments.local]"""


@pytest.fixture
def rounds_of(shop_project, busy):
    """What the rounds of a run beside busy loops found of the items' latency."""

    def run():
        shop_project.edit("systems/shop/system.toml", "samples = 1", "samples = 3")
        shop_project.edit("systems/shop/system.toml", 'deadline = "5s"', 'deadline = "20s"')
        shop_project.edit("systems/shop/system.toml", "[environments.local]", LATENCY)
        with busy(LOOPS):
            shop_project.pytest(*RUN, "--rounds", str(ROUNDS), seconds=600)
        lines = [line for line in shop_project.journal() if line.get("name") == "items.latency"]
        assert len(lines) == ROUNDS
        return [(line["verdict"], line["value"], line["reason"]) for line in lines]

    return run


@pytest.mark.proof
def test_a_slow_service_is_breached_in_every_round(rounds_of, shop):
    shop.answers["/items"].wait = 1.6
    found = rounds_of()
    assert {verdict for verdict, *_ in found} == {"BREACHED"}, found


@pytest.mark.proof
def test_a_quick_service_is_never_breached(rounds_of):
    found = rounds_of()
    assert "BREACHED" not in {verdict for verdict, *_ in found}, found
    unknown = [reason for verdict, _, reason in found if verdict == "UNKNOWN"]
    assert all("this machine was too busy to tell" in reason for reason in unknown)
