"""`drillbook items`: what covers each item of a runbook, or why nothing does; and what is wrong in its files."""

from __future__ import annotations

import json

import pytest

SHOP = """
[system]
name = "shop"
[runbook]
title = "The shop"
sections = ["Database Unreachable", "Cache"]
[stack]
compose = "compose.yaml"
[services.web]
kind = "http"
url = { env = "SHOP_URL" }
health = { path = "/health", up = "$.ok" }
[services.cache]
kind = "redis"
roles = ["cache"]
url = { env = "SHOP_CACHE_URL" }
[services.broker]
kind = "redis"
roles = ["broker"]
url = { env = "SHOP_BROKER_URL" }
[services.database]
kind = "postgres"
dsn = { env = "SHOP_DATABASE_URL" }
[signals."orders.age"]
read = { service = "database", sql = "SELECT 1" }
unit = "s"
high = "> 60"
[environments.local]
kind = "local"
"""
ITEMS = """
[SH-C01]
kind = "check"
section = "Database Unreachable"
what = "The database answers."
judged_by = ["database.up", "orders.age"]

[SH-C02]
kind = "check"
section = "Cache"
what = "Redis answers."
judged_by = ["redis.up(cache)"]

[SH-X01]
kind = "chaos"
section = "Cache"
what = "Redis is lost."

[SH-N01]
kind = "manual"
section = "Cache"
what = "People are called."
because = "people are not here"
"""
RED = """
[states.down]
do = [{ stop = "database" }]
red = ["database.up", "orders.age"]
may = ["*.latency", "database.*"]
"""
LATENCY = 'may = ["*.latency", "database.*"]\n'


@pytest.fixture
def shop(project):
    """A project with one system, its items and how it is turned red."""
    project.write("systems/shop/system.toml", SHOP)
    project.write("systems/shop/compose.yaml", "services: {}\n")
    project.write("systems/shop/items.toml", ITEMS)
    project.write("systems/shop/red.toml", RED.replace('"*.latency", ', ""))
    return project


def items_of(project, *arguments):
    """What the command lists, by item."""
    ran = project.drillbook("items", *arguments, "--json")
    assert ran.code == 0, ran.said
    return {one["id"]: one for one in json.loads(ran.said)}


def wrong_with(project):
    """The lines of mistakes that the command ends with."""
    ran = project.drillbook("items")
    assert ran.code == 4, ran.said
    return ran.said.strip().splitlines()


def test_an_item_is_covered_when_all_that_judges_it_exists_and_is_seen_red(shop):
    assert items_of(shop, "shop")["SH-C01"] == {
        "id": "SH-C01",
        "system": "shop",
        "kind": "check",
        "what": "The database answers.",
        "covered_by": ["database.up", "orders.age"],
        "reason": "",
    }


def test_one_that_no_state_turns_red_is_not_covered(shop):
    shop.edit("systems/shop/red.toml", '"orders.age"', '"api.up"')
    found = items_of(shop)["SH-C01"]
    assert (found["covered_by"], found["reason"]) == ([], "never seen red: orders.age")


def test_one_of_two_services_is_not_covered_by_the_other(shop):
    assert items_of(shop)["SH-C02"]["reason"] == "never seen red: redis.up(cache)"
    for red, reason in (("redis.up(broker)", "never seen red: redis.up(cache)"), ("redis.up(cache)", "")):
        shop.write("systems/shop/red.toml", RED.replace(LATENCY, "").replace('"orders.age"', f'"orders.age", "{red}"'))
        assert items_of(shop)["SH-C02"]["reason"] == reason
    shop.write("systems/shop/red.toml", RED.replace(LATENCY, "").replace('"orders.age"', '"orders.age", "redis.up"'))
    assert items_of(shop)["SH-C02"]["reason"] == "never seen red: redis.up(cache)", "any of them may be meant"


def test_a_name_is_covered_by_one_of_its_services(shop):
    shop.edit("systems/shop/items.toml", "redis.up(cache)", "redis.up")
    shop.edit("systems/shop/red.toml", '"orders.age"', '"orders.age", "redis.up(broker)"')
    assert items_of(shop)["SH-C02"]["reason"] == ""


def test_a_pattern_wants_all_that_it_stands_for(shop):
    shop.edit("systems/shop/items.toml", '"redis.up(cache)"', '"redis.up(*)"')
    shop.edit("systems/shop/red.toml", '"orders.age"', '"orders.age", "redis.up(broker)"')
    assert items_of(shop)["SH-C02"]["reason"] == "never seen red: redis.up(cache)"
    shop.edit("systems/shop/red.toml", '"redis.up(broker)"', '"redis.up(broker)", "redis.up(cache)"')
    assert items_of(shop)["SH-C02"]["reason"] == ""


def test_a_limit_that_there_is_not_is_named_with_the_nearest(shop):
    shop.edit("systems/shop/items.toml", "orders.age", "order.age")
    assert items_of(shop)["SH-C01"]["reason"] == "no limit is called 'order.age': did you mean orders.age?"


@pytest.mark.parametrize("name", ["pool.used", "api.ready", "health.database", "aws.up", "cache.hit_rate(broker)"])
def test_what_the_system_does_not_declare_judges_nothing(shop, name):
    shop.edit("systems/shop/items.toml", "orders.age", name)
    assert f"no limit is called {name!r}" in items_of(shop)["SH-C01"]["reason"]


@pytest.mark.parametrize("name", ["api.errors", "api.p95"])
def test_where_nobody_visits_the_runs_own_requests_are_judged(shop, name):
    shop.edit("systems/shop/items.toml", "orders.age", name)
    assert "no limit is called" in items_of(shop)["SH-C01"]["reason"]
    shop.edit("systems/shop/system.toml", 'kind = "local"', 'kind = "local"\ntraffic = "ours"')
    assert "no limit is called" in items_of(shop)["SH-C01"]["reason"]
    shop.edit("systems/shop/system.toml", "[services.cache]", 'endpoints.items = { path = "/items" }\n[services.cache]')
    assert items_of(shop)["SH-C01"]["reason"] == f"never seen red: {name}"


def test_a_limit_that_is_off_judges_nothing(shop):
    shop.edit(
        "systems/shop/system.toml", "[environments.local]", '[limits."database.up"]\noff = "x"\n[environments.local]'
    )
    shop.edit("systems/shop/red.toml", '"database.up", ', "")
    assert "no limit is called 'database.up'" in items_of(shop)["SH-C01"]["reason"]


def test_what_nobody_judges_is_open_or_says_why(shop):
    found = items_of(shop)
    assert (found["SH-X01"]["reason"], found["SH-N01"]["reason"]) == ("open", "people are not here")


def test_the_table_ends_with_what_is_covered_of_each_kind(shop):
    shop.write("systems/mine/items.toml", '[MY-C01]\nkind = "check"\nsection = "Any"\nwhat = "It runs."\n')
    said = shop.drillbook("items").said
    assert "SH-C01  check       The database answers. - covered by database.up, orders.age" in said
    assert "SH-N01  manual      People are called. - because people are not here" in said
    assert "SH-X01  chaos       Redis is lost. - open\n" in said
    assert "shop  2 checks: 1 covered, 0 with a reason, 1 open\n" in said
    assert "shop  1 manual: 0 covered, 1 with a reason, 0 open\n" in said
    assert "all   3 checks: 1 covered, 0 with a reason, 2 open\n" in said


def test_states_without_a_copy_are_a_mistake(shop):
    shop.edit("systems/shop/system.toml", '[stack]\ncompose = "compose.yaml"\n', "")
    [line] = wrong_with(shop)
    assert line.endswith("red.toml:2: states: the system file has no table [stack]: there is no copy to get into one")


def test_a_systems_states_are_those_beside_its_own_file(shop, tmp_path):
    assert items_of(shop)["SH-C01"]["covered_by"]
    shop.write("elsewhere/shop/system.toml", (tmp_path / "systems/shop/system.toml").read_text())
    shop.write("elsewhere/shop/items.toml", (tmp_path / "systems/shop/items.toml").read_text())
    shop.environ["DRILLBOOK_SYSTEMS"] = str(tmp_path / "elsewhere")
    assert items_of(shop)["SH-C01"]["reason"] == "never seen red: database.up, orders.age"


def test_no_items_and_no_file_are_said(shop, tmp_path):
    shop.write("systems/shop/items.toml", "\n")
    assert wrong_with(shop) == [
        "drillbook: systems/shop/items.toml: holds no items: write one as CONTRIBUTING.md has it"
    ]
    (tmp_path / "systems" / "shop" / "items.toml").unlink()
    (tmp_path / "systems" / "shop" / "items.toml").mkdir()
    assert "has items" in shop.drillbook("items", "shop").said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "chaos"', 'kind = "chaos"\njudged_by = ["redis.up"]', "nothing proves a chaos yet: leave it out"),
        ('["database.up", "orders.age"]', '[""]', "name a limit or a signal"),
    ],
)
def test_what_judges_an_item_is_a_limit_and_it_a_check(shop, old, new, words):
    shop.edit("systems/shop/items.toml", old, new)
    assert any(words in line for line in wrong_with(shop))


def test_a_system_that_has_no_file_yet_has_items_alone(shop):
    shop.write(
        "systems/mine/items.toml", '[MY-C01]\nkind = "check"\nsection = "Any"\nwhat = "x"\njudged_by = ["api.up"]\n'
    )
    assert items_of(shop, "mine")["MY-C01"]["reason"] == "no limit is called 'api.up': nothing is judged there yet"
    assert shop.drillbook("validate").said.splitlines()[0].startswith("systems/shop/system.toml: ok")
    for command in ("up", "validate"):
        ran = shop.drillbook(command, "mine")
        assert (ran.code, ran.said.strip()) == (4, "drillbook: no system is called 'mine' (known: shop)")
    assert "Systems here: shop." in shop.drillbook("up", "--help").said


def test_a_system_without_items_is_named_with_those_that_have_some(shop):
    ran = shop.drillbook("items", "sop")
    assert (ran.code, ran.said.strip()) == (4, "drillbook: no system called 'sop' has items (known: shop)")


def test_where_nothing_has_items_it_says_what_to_write(project):
    ran = project.drillbook("items")
    assert (ran.code, ran.said.strip()) == (4, "drillbook: no system has items: write systems/NAME/items.toml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "chaos"', 'kind = "drill"', "15: SH-X01.kind: is none of those that there are: write "),
        (
            'section = "Cache"\nwhat = "Redis is lost."',
            'section = "Cash"\nwhat = "x"',
            "16: SH-X01.section: 'Cash' is not among runbook.sections: did you mean Cache?",
        ),
        ('what = "Redis is lost."', 'wat = "x"\nwhat = "x"', "17: SH-X01.wat: unknown key: did you mean what?"),
        ('what = "Redis is lost."', "", "14: SH-X01.what: is missing"),
        (
            'judged_by = ["redis.up(cache)"]',
            'judged_by = ["redis.up"]\nbecause = "x"',
            "13: SH-C02.because: is why nothing judges it",
        ),
        ('judged_by = ["redis.up(cache)"]', "judged_by = []", "12: SH-C02.judged_by: must hold at least 1"),
        ('because = "people are not here"', 'because = " "', "23: SH-N01.because: say why"),
        ("[SH-X01]", "[SH-C02]", "14: is not TOML: SH-C02 stands in line 8 already"),
        ("[SH-X01]", "[X01]", "14: X01: an item is called by capital letters"),
    ],
)
def test_a_mistake_in_the_items_is_said_with_its_line(shop, old, new, words):
    shop.edit("systems/shop/items.toml", old, new)
    [line] = wrong_with(shop)
    assert line.startswith(f"drillbook: systems/shop/items.toml:{words}")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '"orders.age"',
            '"order.age"',
            "4: states.down.red.1: no limit is called 'order.age': did you mean orders.age?",
        ),
        ('"orders.age"', '"orders.*"', "4: states.down.red.1: no limit is called 'orders.*'"),
        ('"database.*"', '"data.*"', "5: states.down.may.0: no limit is called 'data.*'"),
        ('stop = "database"', 'stopp = "database"', "3: states.down.do.0.stopp: unknown key: did you mean stop?"),
        ('stop = "database"', "", "3: states.down.do.0: a step is one of "),
        (
            'stop = "database"',
            'stop = "a", pause = "b"',
            "3: states.down.do.0: a step is one of stop, pause, trouble, sql, redis, run, and says stop and pause",
        ),
        ('stop = "database"', 'stop = "a", on = "b"', "3: states.down.do.0: on names the service"),
        ('stop = "database"', 'stop = "a", undo = "b"', "3: states.down.do.0: service and undo belong to sql"),
        ('stop = "database"', 'sql = "a", service = "database"', "3: states.down.do.0: service and undo belong to sql"),
        (
            'stop = "database"',
            'sql = "a", undo = ["b"], service = "database"',
            "3: states.down.do.0: undo is written as",
        ),
        (
            'stop = "database"',
            'run = ["a"], undo = "b", service = "database"',
            "3: states.down.do.0: undo is written as",
        ),
        (
            'stop = "database"',
            'trouble = "/x"',
            "3: states.down.do.0.trouble: the system file has no table [stack.trouble]",
        ),
        ('do = [{ stop = "database" }]', "do = []", "3: states.down.do: must hold at least 1"),
        (
            "may =",
            '[scaled]\n"database.siz" = "> 1"\n#',
            "6: scaled.database.siz: no limit is called 'database.siz': did you mean",
        ),
        (
            "may =",
            '[scaled]\n"database.connections" = "> 1"\n#',
            "6: scaled.database.connections: is measured in %: only times and sizes",
        ),
        (
            "may =",
            '[scaled]\n"database.up" = "> 1"\n#',
            "6: scaled.database.up: is measured in yes and no: only times and sizes",
        ),
    ],
)
def test_a_mistake_in_how_it_is_turned_red_is_said_with_its_line(shop, old, new, words):
    shop.edit("systems/shop/red.toml", old, new)
    [line] = wrong_with(shop)
    assert line.startswith(f"drillbook: systems/shop/red.toml:{words}")


TROUBLE = """
[stack.trouble]
service = "web"
token = "SHOP_TROUBLE"
header = "X-Trouble"
leak = "/leak"
off = "/off"
[environments.local]"""


def test_a_switch_is_one_of_a_service_that_there_is(shop):
    shop.edit("systems/shop/system.toml", "[environments.local]", TROUBLE)
    shop.edit("systems/shop/red.toml", 'stop = "database"', 'trouble = "/x"')
    assert items_of(shop)["SH-C01"]["reason"] == ""
    shop.edit("systems/shop/red.toml", 'trouble = "/x"', 'trouble = "/x", on = "wep"')
    [line] = wrong_with(shop)
    words = "states.down.do.0.on: 'wep' is no service of the system file: did you mean web?"
    assert line == f"drillbook: systems/shop/red.toml:3: {words}"


def test_an_item_of_two_systems_is_a_mistake(shop):
    shop.write("systems/mine/items.toml", '[SH-C01]\nkind = "check"\nsection = "Any"\nwhat = "x"\n')
    assert wrong_with(shop) == ["drillbook: SH-C01: is an item of mine and of shop: rename one of them"]
