"""Signals as a system file declares them: what is wrong is said in words when the file is read, all of it."""

from __future__ import annotations

import re

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.system.library import Library
from drillbook.system.target import load_target

SYSTEM = """
[system]
name = "shop"
[runbook]
title = "Shop"
sections = ["Data Freshness"]
[services.web]
kind = "http"
url = { env = "ADDRESS" }
health = { path = "/health" }
[services.theirs]
kind = "redis"
roles = ["upstream"]
url = { env = "KEYS" }
[services.db]
kind = "postgres"
dsn = { env = "DSN" }
[services.keys]
kind = "redis"
url = { env = "KEYS" }
[services.jobs]
kind = "celery"
broker = "keys"
queues = ["celery"]
[environments.local]
kind = "local"
"""
ADDRESSES = {"ADDRESS": "http://127.0.0.1:9", "DSN": "postgresql://a@127.0.0.1:9/b", "KEYS": "redis://127.0.0.1:9"}
PAGE = 'read = { service = "web", path = "/a", json = "$.a" }\nhigh = "> 1"'
WRONG = {
    "an unknown service": ('read = { service = "dbb", sql = "SELECT 1" }', "'dbb' is no service of this file: did you"),
    "no service": ('read = { sql = "SELECT 1" }', "read.service: say which service it is read from"),
    "a kind that cannot be read": (
        'read = { service = "jobs", command = "LLEN a" }',
        "nothing can be read from jobs, which is of kind celery "
        "(from aws, files, host, http, log, loki, postgres, prometheus, redis, upstream it can)",
    ),
    "somebody else's": ('read = { service = "theirs", command = "LLEN a" }', "theirs is somebody else's"),
    "another kind's read": (
        'read = { service = "keys", sql = "SELECT 1" }',
        "read.sql: from a service of kind redis that cannot be read (keys: service, command)",
    ),
    "two sources": (
        'read = { service = "web", path = "/a", json = "$.a", metric = "m" }',
        "read: is two reads: say path and json, or metric",
    ),
    "no source": ('read = { service = "web" }', "read: say path and json, or metric"),
    "labels of nothing": (
        'read = { service = "web", path = "/a", json = "$", labels = { a = "b" } }',
        "read: labels belong to metric",
    ),
    "a wrong path": ('read = { service = "web", path = "/a", json = "a.b" }', "'a.b' is no JSON path"),
    "a page that is none": ('read = { service = "web", path = "a", json = "$.a" }', "read.path: a path begins with /"),
    "a metric without a page": ('read = { service = "web", metric = "m" }', "read: web declares no metrics page of"),
    "no SQL": ('read = { service = "db", sql = "jobs" }', "read.sql: is no statement that only looks"),
    "no command": ('read = { service = "keys", command = "DEL a" }', "read.command: DEL is not among the commands"),
    "no read": ("", "is missing read: write read = { service = …, … }"),
    "half a ratio": (f'{PAGE}\nas = "ratio"\nunit = "%"', 'as = "ratio" and of go together'),
    "a ratio of two services": (
        f'{PAGE}\nas = "ratio"\nunit = "%"\nof = {{ service = "db", sql = "SELECT 1" }}',
        "of.service: read both from one service, web",
    ),
    "an age in hours": (f'{PAGE}\nas = "age"\nunit = "h"', 'as = "age" is measured in s: write unit = "s"'),
    "a zone of no time": (f'{PAGE}\ntimezone = "UTC"', 'timezone belongs to as = "age"'),
    "names together": (f'{PAGE}\ntogether = "sum"\nnames = ["a"]', "names are judged one by one"),
    "an own one": (f"{PAGE}\nown = true", "leave out own"),
    "no ladder": (PAGE.replace('high = "> 1"', ""), "has no rung: give at least one of low, medium, high, critical"),
    "only idle": (PAGE.replace("high", "#") + '\nwhen_idle = "skip"', "has no rung"),
    "an unknown key": (f"{PAGE}\nreed = 1", "reed: unknown key: did you mean read"),
    "an unknown form": (f'{PAGE}\nas = "sum"', "as: is none of those that there are"),
    "an unknown section": (f'{PAGE}\nfrom = "Data"', "from: 'Data' is not among runbook.sections"),
}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    """Loads a shop with these tables at its end; what is wrong with it, or the target."""

    def read(tables):
        (tmp_path / "systems" / "shop").mkdir(parents=True, exist_ok=True)
        (tmp_path / "systems" / "shop" / "system.toml").write_text(SYSTEM + tables)
        (tmp_path / "systems" / "house.toml").write_text('[limits]\n"redis.ping" = { unit = "ms", high = "> 50" }\n')
        try:
            return load_target("shop@local", Library(tmp_path, ADDRESSES))
        except Mistakes as mistakes:
            return [re.sub(r"^systems/shop/system\.toml:\d+: ", "", line) for line in str(mistakes).splitlines()]

    return read


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_line_in_words(load, case):
    table, why = WRONG[case]
    ladder = "" if "high" in table or case in ("no ladder", "only idle") else '\nhigh = "> 1"'
    (line,) = load(f'[signals."documents.age"]\n{table}{ladder}\n')
    assert line.startswith("signals.documents.age")
    assert why in line


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ('[signals.documents.age]\nread = {}\nhigh = "> 1"', 'write the name in quotes: [signals."documents.age"]'),
        (f'[signals."redis.ping"]\n{PAGE}', "signals.redis.ping: is judged anyway: choose another name"),
        (f'[signals."documents"]\n{PAGE}', "a signal's name has small letters"),
        (f'[signals."*.age"]\n{PAGE}', "a signal's name has small letters"),
        ('[signals."a.b(x)"]\nhigh = "> 1"', "signals.a.b(x): no signal is called 'a.b'"),
        (f'[signals."a.b"]\n{PAGE}\ntogether = "sum"\n[signals."a.b(x)"]\nhigh = "> 1"', "a.b is judged together"),
    ],
)
def test_a_name_that_cannot_be(load, tables, why):
    assert any(why in line for line in load(tables + "\n"))


def test_a_limit_and_a_signal_of_one_name_are_one_too_many(load):
    found = load(f'[limits."a.b"]\nown = true\nhigh = "> 1"\n[signals."a.b"]\n{PAGE}\n')
    assert 'signals.a.b: [limits."a.b"] has that name already: state the limit in one place' in found


def test_all_mistakes_are_said_together(load):
    assert len(load('[signals."a.b"]\nread = { service = "x" }\nhigh = "> 1"\n[signals."c.d"]\nlow = "> 1"\n')) == 2


def test_a_signal_is_a_limit_like_any_other(load):
    target = load(
        f'[signals."documents.age"]\n{PAGE}\nunit = "s"\nfor = "5m"\nfrom = "Data Freshness"\nnames = ["x"]\n'
    )
    limit = target.limits.named("documents.age")
    assert (limit.words(), limit.window, limit.source) == ("> 1 s", 300, "Data Freshness")
    assert {"documents.age", "documents.age(x)"} <= target.limits.titles()
    assert target.limits.services_of("documents.age") == ("web",)
    assert list(target.services["web"].signals) == ["documents.age"]
    assert not target.services["db"].signals


def test_what_is_off_is_not_read(load):
    off = PAGE.replace('high = "> 1"', 'off = "nobody needs it"')
    target = load(f'[signals."documents.age"]\n{off}\n')
    assert not target.services["web"].signals
    assert target.limits.off("documents.age") == "nobody needs it"
