"""What runs remember of what each of them asked: shared by lock, counted by the wall clock, and never in the way."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from drillbook.probes import memory, spending
from drillbook.probes.measure import Meter
from drillbook.probes.memory import Memory
from drillbook.probes.spending import Spending
from drillbook.probes.turns import Turns
from drillbook.system.budgets import Budget

WEB, ITEMS = ("web", ""), ("web", "endpoint items")
HOURLY = Budget.parse("100/h")
PROCESS = """
import sys
from pathlib import Path
from drillbook.probes.memory import Memory
from drillbook.system.budgets import Budget

kept = Memory(Path(sys.argv[1]), sys.argv[2], 3600.0)
print(sum(kept.grant(("web", ""), Budget.parse("100/h"), 1, least=1).count for _ in range(80)), kept.lines)
"""


@pytest.fixture
def clock(monkeypatch):
    """The wall clock, as it is read here."""
    at = SimpleNamespace(now=1_800_000_000.0)
    monkeypatch.setattr(memory, "time", SimpleNamespace(time=lambda: at.now))
    return at


@pytest.fixture
def path(tmp_path):
    """Where it is kept; nothing is there, not even the folder."""
    return tmp_path / ".drillbook" / "shop@local.asked"


@pytest.fixture
def run(path):
    """The memory as a run of that name has it."""
    return lambda name: Memory(path, name, HOURLY.seconds)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_another_run_asked_is_no_longer_there_to_be_asked(run, clock, path):
    assert run("first").grant(WEB, HOURLY, 60, least=60).count == 60
    clock.now += 600
    second = run("second").grant(WEB, HOURLY, 60, least=60)
    assert (second.count, second.others, round(second.again)) == (0, 60, 3600 - 5 - 600)
    assert run("second").grant(WEB, HOURLY, 60, least=1).count == 40, "an endpoint takes what there is"
    clock.now += second.again + 5
    assert run("third").grant(WEB, HOURLY, 60, least=60).count == 60
    assert [one["run"] for one in lines(path)] == ["second", "third"], "and what counts no more is forgotten"
    assert path.stat().st_mode & 0o777 == 0o600


def test_each_service_and_endpoint_is_remembered_by_itself(run, clock):
    run("first").grant(WEB, HOURLY, 100, least=100)
    assert run("second").grant(ITEMS, HOURLY, 100, least=100).count == 100
    assert run("second").grant(("database", ""), HOURLY, 100, least=100).count == 100


def test_a_run_that_is_alone_keeps_the_budget_by_itself(run, clock):
    only = run("only")
    assert [only.grant(WEB, HOURLY, 60, least=60).count for _ in range(3)] == [60, 60, 60]
    assert run("another").grant(WEB, HOURLY, 1, least=1).others == 180


def test_what_was_taken_is_corrected_by_what_was_asked(run, clock):
    first = run("first")
    first.grant(WEB, HOURLY, 60, least=60)
    clock.now += 300
    first.grant(WEB, HOURLY, 20, least=20)
    first.correct(WEB, HOURLY, -30)
    assert run("second").grant(WEB, HOURLY, 100, least=100).others == 50
    first.correct(WEB, HOURLY, 7)
    assert run("second").grant(WEB, HOURLY, 100, least=100).others == 57


def test_what_a_run_asks_all_the_time_stays_short(run, clock, path):
    long = run("long")
    for _ in range(3600):
        long.grant(WEB, HOURLY, 1, least=1)
        clock.now += 1
    assert len(lines(path)) <= 62
    assert run("other").grant(WEB, HOURLY, 1, least=1).others == pytest.approx(3600, abs=65)


def test_a_clock_that_was_set_back_locks_nobody_out(run, clock):
    clock.now += 400 * 86400
    run("first").grant(WEB, HOURLY, 100, least=100)
    clock.now -= 400 * 86400
    assert run("second").grant(WEB, HOURLY, 1, least=1).count == 0
    clock.now += HOURLY.seconds
    assert run("third").grant(WEB, HOURLY, 1, least=1).count == 1


def test_more_than_the_whole_budget_never_has_room(run, clock):
    run("first").grant(WEB, HOURLY, 1, least=1)
    assert run("second").grant(WEB, HOURLY, 101, least=101).again == float("inf")


def test_a_run_a_little_early_is_in_time(run, clock):
    minutely = Budget.parse("60/min")
    counts = []
    for number in range(4):
        counts.append(run(str(number)).grant(WEB, minutely, 50, least=50).count)
        clock.now += 58
    assert counts == [50] * 4
    clock.now -= 8
    assert run("last").grant(WEB, minutely, 50, least=50).count == 0


def test_processes_at_the_same_time_share_a_budget(path):
    processes = [
        subprocess.Popen([sys.executable, "-c", PROCESS, path, f"run {number}"], stdout=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    told = [process.communicate(timeout=60)[0].split(" ", 1) for process in processes]
    assert [said for _, said in told] == ["[]\n"] * 3
    assert sum(int(count) for count, _ in told) == sum(one["count"] for one in lines(path)) == 100


NONSENSE = [
    "what?",
    "[1, 2]",
    "[" * 100_000,
    '{"at": 1, "run": "x", "service": "web", "page": "", "count": 5, "more": 1}',
    '{"at": NaN, "run": "x", "service": "web", "page": "", "count": 5}',
    '{"at": 1799999990, "run": "x", "service": "web", "page": "", "count": -5000}',
    '{"at": "now", "run": "x", "service": "web", "page": "", "count": 5}',
    "\x00\udcff",
    f'{{"at": 1{"0" * 400}, "run": "x", "service": "web", "page": "", "count": 5}}',
]


@pytest.mark.parametrize("line", NONSENSE, ids=range(len(NONSENSE)))
def test_what_makes_no_sense_is_left_out_and_the_rest_counts(run, clock, path, line):
    run("first").grant(WEB, HOURLY, 90, least=90)
    path.write_bytes(path.read_bytes() + line.encode(errors="surrogateescape"))
    second = run("second")
    assert second.grant(WEB, HOURLY, 20, least=20).others == 90
    assert second.lines == [
        f"{path}: it has lines that make no sense, which are left out: other runs may have asked more"
    ]
    assert len(lines(path)) == 1


def test_a_file_that_cannot_be_used_is_said_once_and_no_run_fails(run, path, tmp_path):
    path.mkdir(parents=True)
    only = run("only")
    assert [only.grant(WEB, HOURLY, 60, least=60).count for _ in range(2)] == [60, 60]
    only.correct(WEB, HOURLY, -3)
    assert only.lines == [f"{path}: Is a directory: what other runs ask is not known, budgets count this one alone"]


def test_another_files_place_is_not_written_to(run, path, tmp_path):
    (tmp_path / "precious").write_text("precious")
    path.parent.mkdir()
    path.symlink_to(tmp_path / "precious")
    assert run("only").grant(WEB, HOURLY, 60, least=60).count == 60
    assert (tmp_path / "precious").read_text() == "precious"


def test_who_holds_the_file_for_ever_holds_up_nobody(run, path, monkeypatch):
    monkeypatch.setattr(memory, "_PATIENCE", 0.05)
    path.parent.mkdir()
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    only = run("only")
    assert only.grant(WEB, HOURLY, 60, least=60).count == 60
    assert "another process holds it" in only.lines[0]
    os.close(descriptor)
    only.grant(WEB, HOURLY, 60, least=60)
    assert path.read_text() == "", "and it is not waited for a second time"


def test_a_file_that_was_in_the_way_once_is_tried_again(run, path, clock):
    path.mkdir(parents=True)
    only = run("only")
    assert only.grant(WEB, HOURLY, 60, least=60).count == 60
    path.rmdir()
    assert run("another").grant(WEB, HOURLY, 100, least=100).count == 100
    assert only.grant(WEB, HOURLY, 60, least=60).count == 60, "not yet"
    clock.now += 61
    assert only.grant(WEB, HOURLY, 60, least=60).count == 0


def test_its_folder_is_for_no_repository(run, path):
    run("only").grant(WEB, HOURLY, 60, least=60)
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_an_endpoint_that_others_always_take_is_not_left_out_for_ever(run, clock, a_service, monkeypatch):
    monkeypatch.setattr(spending, "time", SimpleNamespace(monotonic=lambda: clock.now))
    page = {"path": "/items", "budget": "3/h"}
    web = a_service("http", "http://web:8000", name="web", health={"path": "/health"}, endpoints={"items": page})
    ours = Spending(60.0, run("ours"))
    [first] = ours.endpoints(web).values()
    ours.count(web, first.count, "endpoint items")
    told = []
    for _ in range(70):
        clock.now += 60
        run("others").grant(ITEMS, Budget.parse("3/h"), 3, least=1)
        told += ours.endpoints(web).values()
    assert first.count == 3
    assert {one.count for one in told} == {0}
    assert told[10].for_now
    assert not told[-1].for_now, "by now nobody knows what it serves us"


def test_a_round_asks_nothing_before_there_is_room_for_it(run, server_of_metrics, a_service):
    declared = {"health": {"path": "/"}, "metrics": {"path": "/", "requests": "requests_total"}, "samples": 1}
    web = a_service("http", server_of_metrics.address, name="web", budget="100/h", **declared)
    turns = Turns(1.0, memory=run("ours"))
    meter = Meter([web], 0.0, turns)
    assert not meter.measure()["web"].first.get("error")
    asked = len(server_of_metrics.asked)
    run("others").grant(WEB, HOURLY, 100 - asked, least=1)
    assert "budget used up: 100/h" in meter.measure()["web"].first["error"]["reason"]
    assert len(server_of_metrics.asked) == asked > 0


class Counter(BaseHTTPRequestHandler):
    """A page of metrics, whatever is asked."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"requests_total {len(self.server.asked)}\n".encode())

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def server_of_metrics():
    """A server that counts what it is asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    server.asked, server.address = [], f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
