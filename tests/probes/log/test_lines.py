"""Signals from a log file: how many lines, how old the newest is, what number it holds, and what cannot be told."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.probes.log import file, lines
from drillbook.probes.log.noun import Log
from drillbook.probes.measure import Meter, cost, measure
from drillbook.probes.signal import Asked
from drillbook.system.library import Library
from drillbook.system.target import Target, load_target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SYSTEM = """
[system]
name = "shop"
[services.app]
kind = "log"
file = "FILE"
deadline = "20s"
[environments.local]
kind = "local"
"""
WINDOW = 'as = "count"\nhigh = "> 3"'


def stamp(ago: float = 0.0, form: str = "%Y-%m-%dT%H:%M:%S+00:00") -> str:
    return (datetime.now(UTC) - timedelta(seconds=ago)).strftime(form)


@dataclass
class Shop:
    """A shop whose log is what a test writes, and read as its signals say."""

    root: Path
    deadline: str = "20s"

    @property
    def log(self) -> Path:
        return self.root / "app.log"

    def write(self, *lines: str) -> None:
        """Lines at the end of the log."""
        with self.log.open("a") as log:
            log.writelines(f"{line}\n" for line in lines)

    def target(self, *signals: str) -> Target:
        folder = self.root / "systems" / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "system.toml").write_text(
            SYSTEM.replace("FILE", str(self.log)).replace("20s", self.deadline) + "".join(signals)
        )
        (folder.parent / "house.toml").write_text("[limits]\n")
        return load_target("shop@local", Library(self.root, {}))

    def observed(self, *signals: str, meanwhile: Callable[[], object] | None = None) -> dict[str, Any]:
        """What each signal says, or why it says nothing; `meanwhile` happens within the interval."""
        target = self.target(*signals)
        service = target.services["app"]
        meter = Meter([service], 0.05)
        meter.meanwhile = meanwhile or (lambda: None)
        noun = Log(service, meter.measure()["app"])
        return {
            name: one.reason if one.value is None else one.value
            for name, signal in target.limits.signals.by_name.items()
            for one in Asked(noun, signal)
        }


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def signal(match: str = "ERROR", more: str = WINDOW, *, name: str = "app.n", window: str = "5m", **keys: str) -> str:
    said = {"service": "app", "match": match, **({"window": window} if window else {}), **keys}
    read = ", ".join(f"{key} = '{value}'" for key, value in said.items())
    return f'[signals."{name}"]\nread = {{ {read} }}\n{more}\n'


def test_lines_of_the_window_are_counted_and_no_others(shop):
    shop.write(f"{stamp(900)} ERROR old", f"{stamp(200)} ERROR one", "  Traceback ERROR of that line")
    shop.write(f"{stamp(100)} INFO fine", f"{stamp()} ERROR two")
    with shop.log.open("a") as log:
        log.write(f"{stamp()} ERROR not yet whole")
    assert shop.observed(signal())["app.n"] == 3
    assert shop.observed(signal(match="FATAL"))["app.n"] == 0
    assert shop.observed(signal(match="^\\S+ ERROR"))["app.n"] == 2


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("%Y-%m-%d %H:%M:%S,123 +0000", {}),
        ("%Y-%m-%dT%H:%M:%SZ", {}),
        ("[%Y-%m-%d %H:%M:%S]", {"timezone": "UTC"}),
        ("[%d/%b/%Y:%H:%M:%S +0000]", {"stamp": "\\[(?P<time>[^]]+)", "format": "%d/%b/%Y:%H:%M:%S %z"}),
    ],
)
def test_times_as_people_write_them(shop, form, keys):
    shop.write(f"{stamp(7200, form)} ERROR", f"{stamp(100, form)} ERROR")
    assert shop.observed(signal(**keys))["app.n"] == 1


SYSLOG = {"stamp": "^(?P<time>\\w+ +\\d+ [\\d:]+)", "format": "%b %d %H:%M:%S", "timezone": "UTC"}


def test_a_time_without_a_year_is_the_last_that_it_can_be(shop):
    shop.write(f"{stamp(7200, '%b %d %H:%M:%S')} web ERROR", f"{stamp(100, '%b %d %H:%M:%S')} web ERROR")
    assert shop.observed(signal(**SYSLOG))["app.n"] == 1
    shop.log.unlink()
    shop.write(f"{stamp(-3 * 86400, '%b %e %H:%M:%S')} web ERROR", f"{stamp(100, '%b %e %H:%M:%S')} web ERROR")
    assert shop.observed(signal(**SYSLOG))["app.n"] == 1  # the first is of last year


def test_a_29_february_is_one_of_a_year_that_had_it(shop, monkeypatch):
    at_the_time = datetime(2028, 3, 1, tzinfo=UTC)
    then = type("Then", (datetime,), {"now": lambda *_: at_the_time.replace(tzinfo=None)})
    monkeypatch.setattr(lines, "datetime", then)
    monkeypatch.setattr(time, "time", at_the_time.timestamp)
    shop.write("Feb 27 23:59:59 web ERROR", "Feb 29 23:59:00 web ERROR")
    assert shop.observed(signal(**SYSLOG))["app.n"] == 1


@pytest.mark.parametrize("zone", ["+00", "-05", "+0100", "+05:30"])
def test_a_zone_is_read_as_it_is_written(shop, zone):
    hours, minutes = int(zone[:3]), int(zone[3:].strip(":") or 0)
    ahead = hours * 3600 + minutes * 60
    form = f"%Y-%m-%d %H:%M:%S{zone}"
    shop.write(f"{stamp(7200 - ahead, form)} ERROR", f"{stamp(100 - ahead, form)} ERROR")
    assert shop.observed(signal())["app.n"] == 1
    assert shop.observed(signal(timezone="UTC"))["app.n"] == 1


def test_lines_that_are_older_than_the_file_says_are_not_taken_for_old(shop):
    shop.write(f"{stamp(7200)} fine", *(f"{stamp(5 * 3600, '%Y-%m-%d %H:%M:%S')} ERROR" for _ in range(9)))
    found = shop.observed(signal(timezone="UTC"))["app.n"]
    assert re.match(r"it was written to \d+ s ago, but its newest line is 7\d\d\d s old by its own time: check", found)
    os.utime(shop.log, (time.time() - 5 * 3600, time.time() - 5 * 3600))
    assert shop.observed(signal(timezone="UTC"))["app.n"] == 0


def test_what_has_no_time_for_long_is_not_of_the_time_before(shop):
    shop.write(f"{stamp(7200)} fine", "ERROR without a time", "ERROR another")
    assert shop.observed(signal())["app.n"].startswith("it was written to")


def test_a_line_that_is_not_utf_8_is_read_all_the_same(shop):
    text = f"{stamp(900)} fine\n{stamp()} ERROR für\n"
    shop.log.write_bytes(text.encode("latin-1") + text.encode())
    assert shop.observed(signal("ERROR für"))["app.n"] == 2
    shop.log.write_bytes(f"{stamp(900)} fine\n{stamp()} ERROR {'ü' * lines.LONGEST_LINE}\n".encode())
    assert shop.observed(signal("ERROR ü+$"))["app.n"] == 1


def test_times_that_are_not_as_format_says_are_none(shop):
    shop.write(f"{stamp(900, '%d/%b/%Y:%H:%M:%S +0000')} x", f"{stamp(1, '%d/%b/%Y:%H:%M:%S +0000')} ERROR")
    found = shop.observed(signal(stamp=r"^(?P<time>\S+ \S+)", format="%d/%m/%Y:%H:%M:%S %z"))["app.n"]
    assert found == "no time in its lines is as format says: check stamp and format"


def test_seconds_since_1970_are_a_time(shop):
    shop.write(f"{time.time() - 900} ERROR", f"{time.time() - 9:.3f} ERROR")
    assert shop.observed(signal(stamp="^(?P<time>\\S+)"))["app.n"] == 1


def test_a_time_without_a_zone_is_not_guessed(shop):
    shop.write(f"{stamp(100, '%Y-%m-%d %H:%M:%S')} ERROR")
    assert shop.observed(signal())["app.n"].startswith("the times of its lines have no zone: say timezone")


def test_lines_without_a_time_are_not_counted_for_a_window(shop):
    shop.write("ERROR somewhen")
    assert shop.observed(signal())["app.n"].startswith("no time is found in its lines")
    shop.write(f"{stamp()} fine")  # the first error may be of yesterday
    assert shop.observed(signal())["app.n"].startswith("no time is found in its lines")


def test_times_in_the_future_are_another_time_zone(shop):
    shop.write(f"{stamp(900)} fine", f"{stamp(-7200)} ERROR")
    assert "ahead of this machine's clock" in shop.observed(signal())["app.n"]


def test_an_empty_file_is_no_measurement_unless_the_file_says_so(shop):
    shop.write()
    found = shop.observed(signal(), signal(name="app.zero", more=f"{WINDOW}\nwhen_empty = 0"))
    assert found["app.n"].startswith("there is nothing there")
    assert found["app.zero"] == 0


def test_what_was_rotated_within_the_window_is_missed(shop):
    shop.write(f"{stamp(100)} ERROR")
    shop.log.rename(shop.root / "app.log.1")
    shop.write(f"{stamp()} ERROR")
    assert shop.observed(signal())["app.n"].startswith("it was rotated within the window")
    os.utime(shop.root / "app.log.1", (time.time() - 900, time.time() - 900))
    assert shop.observed(signal())["app.n"] == 1


@pytest.mark.parametrize(
    "name", ["app.log-20261127.gz", "app.log_20261127", "app.1.log", "app-20261127.log", "app.20261127.log.gz"]
)
def test_a_rotated_file_is_known_by_whatever_name_it_is_put_away(shop, name):
    shop.write(f"{stamp(100)} ERROR")
    shop.log.rename(shop.root / name)
    shop.write(f"{stamp()} ERROR")
    assert shop.observed(signal())["app.n"].startswith("it was rotated within the window")


def test_the_log_of_somebody_else_beside_it_is_no_rotated_one(shop):
    shop.write(f"{stamp()} ERROR")
    (shop.root / "app-worker.log").write_text(f"{stamp()} ERROR\n")
    assert shop.observed(signal())["app.n"] == 1


def test_of_a_huge_file_only_the_end_is_read(shop, monkeypatch):
    monkeypatch.setattr(file, "MOST", 4096)
    shop.write(*(f"{stamp(900)} ERROR old" for _ in range(200)), *(f"{stamp()} ERROR new" for _ in range(20)))
    assert shop.observed(signal())["app.n"] == 20
    shop.write(*(f"{stamp()} ERROR new" for _ in range(200)))
    assert shop.observed(signal())["app.n"].endswith("written in the window: choose a shorter one")


def test_the_age_of_the_newest_match(shop):
    shop.write(f"{stamp(500)} backup done", f"{stamp(40)} backup done", f"{stamp()} else")
    more = 'as = "age"\nunit = "s"\nhigh = "> 86400"'
    found = shop.observed(
        signal("backup done", more, window=""), signal("never", more, name="app.never", window=""),
    )  # fmt: skip
    assert found["app.n"] == pytest.approx(40, abs=30)
    assert found["app.never"].startswith("there is nothing there")


def test_a_number_that_a_line_holds(shop):
    shop.write(f"{stamp(50)} import took 12.5 s", f"{stamp()} import took 30 s", f"{stamp()} import took very long")
    took, high = r"took (?P<value>\d+(\.\d+)?) s", 'high = "> 3"'
    assert shop.observed(signal(took, high))["app.n"] == 30
    assert shop.observed(signal(took, high, window=""))["app.n"] == 30
    assert shop.observed(signal("took (?P<value>.+)", high))["app.n"].startswith(
        "what the newest matching line captures"
    )


def test_a_part_of_all_lines(shop):
    shop.write(f"{stamp(900)} x", *(f"{stamp()} INFO" for _ in range(3)), f"{stamp()} ERROR")
    of = 'of = { match = ".", window = "5m" }'
    assert shop.observed(signal("ERROR", f'as = "ratio"\nunit = "%"\nhigh = "> 5"\n{of}'))["app.n"] == 25.0


GROWN = 'as = "increase"\nhigh = "> 3"'


def test_what_is_added_over_the_interval_is_counted_once(shop):
    shop.write("ERROR before", "ERROR before")
    with shop.log.open("a") as log:
        log.write("ERR")

    def meanwhile():
        with shop.log.open("a") as log:
            log.write("OR the rest of a line\nERROR\nfine\nERROR not whole")

    assert shop.observed(signal(more=GROWN, window=""), meanwhile=meanwhile)["app.n"] == 2
    assert shop.observed(signal(more=GROWN, window=""))["app.n"] == 0


def test_the_rate_is_of_a_second(shop):
    shop.write("ERROR")
    found = shop.observed(
        signal(more='as = "rate"\nhigh = "> 3"', window=""), meanwhile=lambda: shop.write("ERROR", "ERROR")
    )
    assert 0 < found["app.n"] <= 2 / 0.05


def test_a_file_that_is_another_one_at_the_second_look_is_unknown(shop):
    shop.write("ERROR")

    def rotate():
        shop.log.rename(shop.root / "app.log.1")
        shop.write("ERROR")

    assert shop.observed(signal(more=GROWN, window=""), meanwhile=rotate)["app.n"].startswith("it was rotated between")


def test_a_file_that_is_shorter_at_the_second_look_is_unknown(shop):
    shop.write("ERROR", "ERROR")
    found = shop.observed(signal(more=GROWN, window=""), meanwhile=lambda: shop.log.write_text("ERROR\n"))
    assert found["app.n"].startswith("it was truncated between two readings")


def test_more_than_we_read_is_unknown(shop, monkeypatch):
    monkeypatch.setattr(file, "MOST", 4096)
    shop.write("ERROR")
    found = shop.observed(
        signal(more=GROWN, window=""), meanwhile=lambda: shop.write(*(f"ERROR {n}" for n in range(2000)))
    )
    assert "were added between two readings" in found["app.n"]


def test_no_line_is_told_to_anybody(shop):
    secret = "hunter2-canary"
    shop.write(f"{stamp(900)} {secret} ERROR", f"{stamp()} ERROR password={secret}")
    signals = [signal(), signal(more=GROWN, window="", name="app.grown")]
    signals += [signal(r"password=(?P<value>\S+)", 'high = "> 3"', name="app.value")]
    target = shop.target(*signals)
    readings = measure([target.services["app"]], 0.05)["app"]
    noun = Log(target.services["app"], readings)
    said = [str(one) for found in target.limits.signals.by_name.values() for one in Asked(noun, found)]
    assert secret not in str(said)
    assert secret not in str(readings)


def test_sixty_signals_are_one_look(shop):
    shop.write(f"{stamp(900)} x", f"{stamp()} ERROR")
    signals = [signal(name=f"app.n{number}") for number in range(60)]
    target = shop.target(*signals)
    readings = measure([target.services["app"]], 0.0)["app"]
    assert readings.asked == cost(target.services["app"]) == 2


def test_a_file_that_is_not_there_is_unknown(shop):
    found = shop.observed(signal())["app.n"]
    assert found == f"log.readable is unknown: there is no {shop.log} on this machine: check file, or run where it is"


def test_what_is_no_plain_file_is_not_read(shop):
    os.mkfifo(shop.log)
    assert f"{shop.log} is no plain file" in shop.observed(signal())["app.n"]
    shop.log.unlink()
    shop.log.mkdir()
    assert f"{shop.log} is no plain file" in shop.observed(signal())["app.n"]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (signal("ERROR ("), ".read.match: is no regular expression"),
        (signal(stamp="^.{19}"), ".read: say which part of the line it is, in stamp"),
        (signal(format="%d %H"), ".read: format says how a time is read"),
        (signal(stamp="(?P<time>.*)", format="%H:%M:%S"), ".read.format: has no day"),
        (signal(stamp="(?P<time>.*)", format="%d %Q"), ".read.format: is no format of a time: 'Q' is a bad directive"),
        (signal(stamp="(?P<time>.*)", format="%d %d"), ".read.format: is no format of a time: redefinition"),
        (signal(window="soon"), ".read.window: 'soon' is no duration"),
        (signal(window=""), ".as: say how far back lines are counted"),
        (signal(more='high = "> 3"'), ".as: say what of a line is the number"),
        (signal(more='as = "rate"\nhigh = "> 3"'), ".as: what is added is counted over the run's interval"),
        (
            signal("(?P<value>.)", 'as = "ratio"\nunit = "%"\nhigh = "> 3"\nof = { match = "." }'),
            ".of: say how far back lines are counted",
        ),
    ],
)
def test_a_read_that_makes_no_sense_is_told_before_anything_is_read(shop, made, words):
    with pytest.raises(Mistakes, match=re.escape(words)):
        shop.target(made)


def test_an_expression_that_would_take_years_ends_in_time_and_spoils_no_other(shop):
    """In so many ways can that line be taken apart; Python's own `re` would let nothing else happen meanwhile."""
    shop.deadline = "3s"
    shop.write(f"{stamp()} {'a' * 80}!", f"{stamp()} took 7 ms")
    slow = signal("(a|a)+$", name="its.count")
    grown = signal("(a|aa)+$", 'as = "increase"\nhigh = "> 3"', name="its.growth", window="")
    fine = signal(r"took (?P<value>\d+) ms", 'high = "> 100"', name="its.value", window="")
    found = shop.observed(slow, grown, fine, meanwhile=lambda: shop.write("a" * 80 + "!"))
    assert found.pop("its.value") == 7
    told = "s: say less of a line, without repeats inside of repeats"
    assert found["its.count"] == f"(a|a)+$ took longer than 0.6 {told}"
    assert found["its.growth"] == f"(a|aa)+$ took longer than 1.0 {told}"
