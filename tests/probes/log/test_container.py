"""The log of a container in a system file: what is refused, where it is asked, and how the engine's lines are read."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.probes.log import lines
from drillbook.probes.log.source import Lines
from drillbook.system.library import Library
from drillbook.system.target import load_target

SYSTEM = """
[system]
name = "shop"
[stack]
compose = "compose.yaml"
[services.applog]
kind = "log"
container = "backend"
[services.syslog]
kind = "log"
file = "/var/log/syslog"
[signals."app.errors"]
read = { service = "applog", match = "ERROR", window = "5m" }
as = "count"
high = "> 3"
[signals."app.errors.part"]
read = { service = "applog", match = "ERROR", window = "5m" }
as = "ratio"
of = { match = ".", window = "5m" }
unit = "%"
high = "> 3"
[environments.local]
kind = "local"
[environments.test]
kind = "local"
[environments.staging]
kind = "staging"
"""


@pytest.fixture
def load(tmp_path):
    """Loads a target of the shop, something of whose file is replaced."""

    def make(environment="local", old="", new=""):
        folder = tmp_path / "systems" / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        assert old in SYSTEM
        (folder / "system.toml").write_text(SYSTEM.replace(old, new, 1) if old else SYSTEM)
        (folder.parent / "house.toml").write_text("[limits]\n")
        return load_target(f"shop@{environment}", Library(tmp_path, {}))

    return make


NO_COPY = "it is a container's, and is asked where Drillbook started that: in shop@local (`drillbook up`) and in drills"
SIGNALS = {"signals.app.errors": NO_COPY, "signals.app.errors.part": NO_COPY}


@pytest.mark.parametrize(
    ("environment", "not_asked"),
    [
        ("local", {}),
        ("drill", {"services.syslog": "a drill's copy has no part of it"}),
        ("test", {"services.applog": NO_COPY} | SIGNALS),
        ("staging", {"services.applog": NO_COPY} | SIGNALS),
    ],
)
def test_it_is_asked_in_copies_alone(load, environment, not_asked):
    target = load(environment)
    assert target.not_asked == not_asked
    assert ("applog" in target.services) is ("services.applog" not in not_asked)
    assert ("app.errors" in target.limits.by_title) is ("signals.app.errors" not in not_asked)


def test_an_environment_that_is_only_called_local_has_no_copy(load):
    target = load(old='[environments.local]\nkind = "local"', new='[environments.local]\nkind = "staging"')
    assert set(target.elsewhere) == {"applog"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('container = "backend"', "", 'services.applog: say file = "/var/log/shop/app.log" or container = "backend"'),
        ('container = "backend"', 'container = "backend"\nfile = "/x"', "services.applog: say file"),
        ('container = "backend"', 'container = "/x y"', "services.applog.container: write the name of a service"),
        ('[stack]\ncompose = "compose.yaml"', "", "applog.container: is asked in a copy, and there is no [stack]"),
        ('window = "5m"', 'window = "5m", timezone = "UTC"', "the engine's own times are the lines' of a container"),
        ('window = "5m"', 'window = "5m", stamp = "(?P<time>.)"', "leave out stamp, format and timezone"),
        ('of = { match = "."', 'of = { timezone = "UTC", match = "."', "leave out stamp, format and timezone"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_before_anything_is_read(load, old, new, words):
    with pytest.raises(Mistakes, match=re.escape(words)):
        load(old=old, new=new)


STAMP = "2026-01-02T03:04:05.123456789Z"
READ = SimpleNamespace(match="^ERROR", stamp=None, format=None, timezone=None, seconds=None)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"{STAMP} ERROR\n", 1),
        (f"{STAMP} ERROR\r\n", 1),
        (f"{STAMP.replace('Z', '+01:00')} ERROR\n", 1),
        (f"{STAMP} fine ERROR\n", 0),
        (f"{STAMP} 10 %\rERROR\n", 1),
        (f"{STAMP} \n{STAMP}\n", 0),
        (f"{STAMP} {'x' * 9000}\n", 0),
        ("", 0),
    ],
)
def test_the_engines_time_is_no_part_of_a_line(text, count):
    stamped = Lines(text.encode(), stamped=True)
    assert lines.count(stamped, READ, 20.0)["count"] == count
    found = lines.look(stamped, READ, 20.0)
    assert found["count"] == count
    assert found["empty"] is (text == "")
    if text:
        assert found["first"] == pytest.approx(1767323045.123456, abs=3601)


def test_a_time_that_a_line_says_itself_is_not_its_time():
    text = f"{STAMP} at 1999-01-01T00:00:00Z ERROR\n"
    assert lines.look(Lines(text.encode(), stamped=True), READ, 20.0)["last"] == pytest.approx(1767323045.123456)
