"""The traffic keeps its times whatever the service does, counts from when a request was due, and ends promptly."""

from __future__ import annotations

import socket
import sys
import time
from itertools import pairwise

import pytest

from drillbook.common.polling import until
from drillbook.drills.ledger import Sample, per_second
from drillbook.drills.ledger.traffic import Stream, Told, Traffic

PATIENCE = 60.0


def test_a_freeze_delays_answers_and_no_questions(shop, ledgers_of):
    ledgers = ledgers_of(shop.url, ("20ms", "100ms"), reads_a_second=10)
    with ledgers:
        assert ledgers.wait_for(5, within=PATIENCE)
        with shop.frozen():
            before, rows = len(shop.asked), len(shop.rows)
            assert until(lambda: len(shop.asked) >= before + 24, within=PATIENCE), "questions go on"
            assert len(shop.rows) == rows
        assert until(lambda: len(shop.rows) > rows, within=PATIENCE)
    for kind in ("write", "read"):
        samples = [one for one in ledgers.traffic.samples() if one.kind == kind]
        assert all(abs(late.t - soon.t - 0.1) < 0.001 for soon, late in pairwise(samples))
        assert max(one.took for one in samples) > 0.8, "the first to meet the freeze waited for all of it"
        assert sum(one.took > 0.2 for one in samples) >= 6, "and so did those who came meanwhile, for their part"
    assert len([key for _, key in shop.asked if key.startswith("a-run")]) == len(shop.rows)


def test_what_is_late_is_sent_at_once_and_all_of_it_and_timed_from_when_it_was_due():
    asked = []

    async def ask():
        asked.append(time.monotonic())
        if len(asked) == 3:
            time.sleep(1)
        return Told(200, "", ok=True)

    async def finish():
        pass

    traffic = Traffic()
    traffic.start([Stream("deals", "read", 0.05, ask)], finish)
    try:
        assert until(lambda: any(one.took < 0.5 for one in traffic.samples()[3:]), within=PATIENCE), "it catches up"
    finally:
        traffic.stop()
    samples = traffic.samples()
    assert all(abs(late.t - soon.t - 0.05) < 0.001 for soon, late in pairwise(samples)), "none is left out"
    assert len(samples) == len(asked) > 12
    assert all(one.took > 0.45 for one in samples[3:12]), "the ten that were due meanwhile were late"


def test_a_mute_server_does_not_hold_up_the_end(ledgers_of):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(512)
        ledgers = ledgers_of(f"http://127.0.0.1:{mute.getsockname()[1]}")
        ledgers.start()
        connection, _ = mute.accept()
        ledgers.stop()
        connection.close()
    assert ledgers.counts()["orders"]["ok"] == ledgers.counts()["orders"]["fail"] == 0
    assert {one.reason for one in ledgers.traffic.samples() if one.kind == "write"} == {"no answer within 2 s"}


def test_an_error_of_ours_ends_nothing():
    async def ask():
        raise ValueError("oh")

    async def finish():
        pass

    traffic = Traffic()
    traffic.start([Stream("deals", "read", 0.02, ask)], finish)
    try:
        assert until(lambda: len(traffic.samples()) > 10, within=PATIENCE)
    finally:
        traffic.stop()
    assert {one.reason for one in traffic.samples()} == {"the traffic crashed: ValueError: oh"}


def test_an_answer_that_is_not_what_the_file_says_is_an_error(shop, ledgers_of):
    ledgers = ledgers_of(shop.url, ('"$.deals"', '"$.deals", at_least = 2'), reads_a_second=50)
    with ledgers:
        assert ledgers.wait_for(10, within=PATIENCE)
    reads = [one for one in ledgers.traffic.samples() if one.kind == "read"]
    answered = [one for one in reads if one.status is not None]  # what a busy machine had no time for is an error too
    assert {(one.name, one.status, one.ok) for one in answered} == {("deals", 200, False)}
    assert "fewer than 2" in answered[0].reason
    assert not any(one.ok for one in reads)


def test_seconds_that_are_told_once_do_not_change(shop, ledgers_of):
    ledgers = ledgers_of(shop.url)
    with ledgers:
        assert until(ledgers.traffic.seconds, within=PATIENCE)
        with shop.frozen():
            before = len(shop.asked)
            assert until(lambda: len(shop.asked) > before, within=PATIENCE)
            early = ledgers.traffic.seconds()
    whole = ledgers.traffic.seconds()
    assert 1 <= len(early) <= len(whole)
    assert whole[: len(early)] == early
    assert sum(one["requests"] for one in whole) == len(ledgers.traffic.samples())


def test_a_second_has_its_percentile_over_what_was_served():
    took = [(0.001 * number, True) for number in range(1, 101)] + [(2.0, False)]
    samples = [Sample(60.5, "orders", "write", 201, "", seconds, ok) for seconds, ok in took]
    samples.append(Sample(62.0, "orders", "write", None, "no answer within 2 s", 2.0, ok=False))
    assert per_second(samples) == [
        {"t": "1970-01-01T00:01:00.000+00:00", "requests": 101, "errors": 1, "p95": 95.0, "max": 2000.0},
        {"t": "1970-01-01T00:01:02.000+00:00", "requests": 1, "errors": 1, "p95": None, "max": 2000.0},
    ]


def test_traffic_that_never_began_can_be_stopped(ledgers_of):
    ledgers = ledgers_of("http://127.0.0.1:9")
    ledgers.stop()
    assert (ledgers.traffic.seconds(), ledgers.traffic.samples()) == ([], [])


def test_the_traffic_begins_once(shop, ledgers_of):
    with ledgers_of(shop.url) as ledgers, pytest.raises(RuntimeError):
        ledgers.start()


def test_importing_the_ledger_loads_nothing_heavy():
    import subprocess

    code = "import sys, drillbook.drills.ledger; print([n for n in ('httpx', 'anyio', 'docker') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
