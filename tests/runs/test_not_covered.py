"""What is not judged is listed with its reason, everywhere alike, and is not counted as judged."""

from __future__ import annotations

import re

import pytest

RUN = ("checks", "--target", "shop@local", "--interval", "0.2")
OFF = '[limits."api.p95"]\noff = "the gateway measures it"\n'
POOL = 'pool = { in_use = "pool_in_use", size = "pool_size" }\n'
UNDECLARED = "system.toml declares no metrics.pool for web"


@pytest.fixture
def partial(shop_project):
    """The shop, which measures no pool, and whose file says that one limit is not for it."""
    shop_project.edit("systems/shop/system.toml", POOL, "")
    shop_project.edit("systems/shop/system.toml", "[environments", f"{OFF}[environments")
    return shop_project


def report(project, name):
    return (project.root / "reports" / "latest" / name).read_text()


def counted(text):
    return int(re.search(r"(\d+) limits judged", text)[1])


def test_what_is_off_or_not_declared_is_listed_and_not_counted(partial):
    ran = partial.pytest(*RUN)
    assert ran.code == 0, ran.said
    for said in (ran.said, report(partial, "summary.md"), report(partial, "index.html")):
        assert "the gateway measures it" in said
        assert UNDECLARED in said
        assert counted(said) == 7
    judged = [line for line in partial.journal() if line["kind"] == "verdict" and line["verdict"] != "skipped"]
    assert len(judged) == 7


def test_what_is_not_declared_stays_so_while_its_service_is_down(partial):
    partial.environ["SHOP_URL"] = "http://127.0.0.1:1"
    ran = partial.pytest(*RUN)
    assert ran.code == 1, ran.said
    assert f"not covered: pool.used: {UNDECLARED}" in ran.said
    assert counted(ran.said) == counted(report(partial, "summary.md")) == 7


def test_what_is_off_and_has_no_check_is_listed_too(partial):
    partial.edit("systems/shop/system.toml", OFF, f'{OFF}[limits."database.size"]\noff = "it is another team\'s"\n')
    ran = partial.pytest(*RUN)
    assert ran.code == 0, ran.said
    assert "not covered: limits.database.size: it is another team's" in ran.said
