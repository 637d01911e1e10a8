"""Somebody else's service: its failure is one verdict, and turns nothing of one's own red."""

import pytest

BANK = """
[services.bank]
kind = "http"
roles = ["upstream"]
url = { env = "SHOP_URL" }
headers = { Authorization = { env = "SHOP_TOKEN", prefix = "Bearer " } }
health = { path = "/bank", up = "$.status == 'open'" }
endpoints.rates = { path = "/rates" }
[environments.local]
"""


@pytest.fixture
def with_a_bank(shop_project, shop):
    """The shop, which has a bank."""
    shop_project.edit("systems/shop/system.toml", "[environments.local]\n", BANK)
    shop_project.write("checks/test_kinds.py", (shop_project.checkout / "checks" / "test_kinds.py").read_text())
    shop.say("/bank", {"status": "open"})
    shop.say("/rates", {})
    return shop_project


@pytest.mark.parametrize(("status", "verdict"), [("open", "OK"), ("closed", "BREACHED")])
def test_it_is_judged_by_a_limit_of_its_own(with_a_bank, shop, status, verdict):
    shop.say("/bank", {"status": status})
    ran = with_a_bank.pytest("checks", "--target", "shop@local", "--interval", "0.1")
    assert ran.code == 0, ran.said
    verdicts = with_a_bank.verdicts()
    assert {name: verdicts[name] for name in ("upstream.up", "api.up", "api.healthy", "items.ok")} == {
        "upstream.up": verdict,
        "api.up": "OK",
        "api.healthy": "OK",
        "items.ok": "OK",
    }
    assert ("MEDIUM upstream.up: no, $.status is 'closed', not 'open'" in ran.said) is (verdict == "BREACHED")
