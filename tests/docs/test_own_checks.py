"""Each snippet of the page on checks of one's own is run: it is green where all is well, and red where it is not."""

from __future__ import annotations

import json
import shutil

import pytest

PAGES = {
    "/items": {"items": ["a bicycle"]},
    "/orders": {"waiting": 3},
    "/stock": {"items": 1, "oldest": 4},
    "/payments": "open",
}
RUN = ("checks", "--interval", "0.1", "--target")
OWN = ("orders.waiting", "backups.kept", "test_the_shop_is_not_in_debug_mode", "stock.items", "stock.age")
PAID = "test_payments_are_taken"


@pytest.fixture
def pages():
    """What the shop answers."""
    return dict(PAGES)


@pytest.fixture
def shop(project, snippets_of, pytestconfig, served, pages):
    """The repository of the page, with what its checks look at."""
    snippets = snippets_of(pytestconfig.rootpath / "docs" / "own-checks.md")
    shutil.copytree(pytestconfig.rootpath / "checks", project.root / "checks")
    for path, text in {**snippets, "backups/1.dump": "", "backups/2.dump": "", "shop.json": '{"debug": false}'}.items():
        project.write(path, text)
    project.environ["SHOP_URL"] = served(pages)
    return project


def test_where_all_is_well_each_of_them_is_ok(shop):
    ran = shop.pytest(*RUN, "shop@staging")
    assert ran.code == 0, ran.said
    assert {name: shop.verdicts()[name] for name in (*OWN, PAID)} == dict.fromkeys((*OWN, PAID), "OK")


def test_each_of_them_can_be_red(shop, pages):
    pages |= {"/orders": {"waiting": 51}, "/stock": {"items": 0, "oldest": 31}}
    del pages["/payments"]
    (shop.root / "backups" / "1.dump").unlink()
    shop.write("shop.json", json.dumps({"debug": True}))
    ran = shop.pytest(*RUN, "shop@staging")
    assert ran.code == 1, ran.said
    assert {name: shop.verdicts()[name] for name in (*OWN, PAID)} == dict.fromkeys((*OWN, PAID), "BREACHED")


def test_the_one_that_is_for_the_shop_is_not_there_for_another_system(shop):
    text = (shop.root / "systems" / "shop" / "system.toml").read_text()
    shop.write("systems/mall/system.toml", text.replace('name = "shop"', 'name = "mall"'))
    ran = shop.pytest(*RUN, "mall@staging")
    assert ran.code == 0, ran.said
    assert PAID not in shop.verdicts()
