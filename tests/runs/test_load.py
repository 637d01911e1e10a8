"""Load profiles under pytest, against a stand-in that answers, fails and freezes: never green without having served."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

PROFILE = '''
"""Fifty visitors in a second and a half."""

from drillbook import LoadProfile, Ramp
from drillbook.arrivals import Visitor, task

BRISK = LoadProfile(
    runbook="API Latency",
    arrivals=(Ramp(to=40, seconds=0.5), Ramp(to=40, seconds=1)),
    held_to=("api.p95", "api.errors"),
)


class Visits(Visitor):
    @task
    def items(self):
        self.client.get("/items")
'''
LOAD = ("load", "--target", "shop@local", "--confirm", "load shop@local")


# Only what a test says is too slow is: on a busy machine everything is. And where that is allowed, the generator goes
# before others, which would look like its own lateness.
PATIENT = '[limits."api.p95"]\nunit = "ms"\ncritical = "> 60000"\n[environments'
FIRST = ("nice", "-n", "-15")
LATE = "left on time: the load generator could not keep up"


@pytest.fixture
def loaded(shop_project):
    """A project with one profile."""
    shop_project.write("load/brisk.py", PROFILE)
    shop_project.edit("systems/shop/system.toml", "[environments", PATIENT)
    shop_project.under = FIRST
    return shop_project


def test_a_healthy_shop_holds_its_limits_and_the_journal_has_seconds_and_what_they_came_to(loaded):
    ran = loaded.load(*LOAD)
    assert ran.code == 0, ran.said
    assert loaded.verdicts() == {"api.p95(brisk)": "OK", "api.errors(brisk)": "OK"}
    assert re.search(r"^OK api\.p95\(brisk\): [\d.]+ ms, 50 of 50 requests served \(shop@local", ran.said, re.MULTILINE)
    kinds = [line["kind"] for line in loaded.journal()]
    assert kinds[:2] == ["run", "load"]
    assert kinds[-1] == "end"
    [end] = [line for line in loaded.journal() if line["kind"] == "loaded"]
    assert (end["profile"], end["requests"], end["served"], end["errors"]) == ("brisk", 50, 50, 0)
    seconds = [line for line in loaded.journal() if line["kind"] == "traffic"]
    assert sum(second["requests"] for second in seconds) == 50
    assert loaded.journal()[-1]["asked"] == {"web": 50}


def test_a_limit_under_what_is_measured_fails_at_every_rung(loaded, shop):
    shop.answers["/items"].wait = 0.05
    loaded.edit("systems/shop/system.toml", 'critical = "> 60000"', 'low = "> 20"')
    ran = loaded.load(*LOAD)
    assert ran.code == 1, ran.said
    assert re.search(r"^LOW api\.p95\(brisk\): \d+(\.\d+)? ms > 20 ms", ran.said, re.MULTILINE)


def test_errors_are_found(loaded, shop):
    shop.say("/items", "out of order", status=500)
    ran = loaded.load(*LOAD)
    assert ran.code == 1, ran.said
    assert "CRITICAL api.errors(brisk): 100 % > 5 %" in ran.said
    assert loaded.verdicts()["api.p95(brisk)"] == "UNKNOWN"


def test_a_shop_that_is_not_there_is_not_green(loaded):
    ran = loaded.load(*LOAD, environ={"SHOP_URL": "http://127.0.0.1:1"})
    assert ran.code == 1, ran.said
    assert "connection refused" in ran.said.lower()


def test_held_to_a_percentile_alone_a_dead_shop_could_not_be_told(loaded):
    loaded.edit("load/brisk.py", '("api.p95", "api.errors")', '("api.p95",)')
    ran = loaded.load(*LOAD, environ={"SHOP_URL": "http://127.0.0.1:1"})
    assert ran.code == 11, ran.said


def test_a_freeze_is_seen_though_most_requests_are_quick(loaded, shop):
    """A server that stands still for a third of the time: those who came meanwhile waited, and are counted."""
    loaded.edit("load/brisk.py", "Ramp(to=40, seconds=1)", "Ramp(to=40, seconds=5)")
    loaded.edit("systems/shop/system.toml", 'critical = "> 60000"', 'medium = "> 500"')
    answer, began = shop.answer, []

    def freeze(path, authorization):
        now = time.monotonic()
        if began and now > began[-1] + 1:
            began.clear()  # another run
        began.append(now)
        if now > began[0] + 2:
            time.sleep(max(0.0, began[0] + 4 - now))
        return answer(path, authorization)

    shop.answer = freeze
    ran = loaded.load(*LOAD)
    assert ran.code == 1, ran.said
    assert "api.p95(brisk)" in ran.said


def test_a_throttled_generator_says_so_and_blames_nobody(loaded, shop):
    ran, code = throttled(loaded, shop)
    assert code == 11, ran
    assert LATE in ran
    assert set(loaded.verdicts().values()) == {"UNKNOWN"}


def throttled(project, shop) -> tuple[str, int]:
    """Runs the profile with a generator that is given a sixth of its time, as a small CPU quota does it."""
    with started(project) as process:
        child = generator_of(process.pid)
        while not shop.asked:
            time.sleep(0.01)
        while process.poll() is None:
            for number, seconds in ((signal.SIGSTOP, 0.5), (signal.SIGCONT, 0.1)):
                try:
                    os.kill(child, number)
                except ProcessLookupError:
                    break
                time.sleep(seconds)
        return process.stdout.read(), process.returncode


def started(project) -> subprocess.Popen[str]:
    """A run of the profile, under way."""
    command = [*project.under, sys.executable, "-m", "pytest", *LOAD]
    environ = {**os.environ, **project.environ}
    return subprocess.Popen(
        command, cwd=project.root, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def generator_of(parent: int) -> int:
    """The process of the generator that `parent` has started; waits until it is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in children_of(parent):
            if "drillbook.load.generator" in command_of(child):
                return child
        time.sleep(0.05)
    raise AssertionError("no generator was started")


def children_of(parent: int) -> list[int]:
    """The processes that `parent` has started."""
    try:
        with open(f"/proc/{parent}/task/{parent}/children") as listed:  # noqa: PTH123
            return [int(pid) for pid in listed.read().split()]
    except OSError:
        return []


def command_of(pid: int) -> str:
    """A process's command line; empty where it has ended."""
    try:
        with open(f"/proc/{pid}/cmdline") as line:  # noqa: PTH123
            return line.read().replace("\0", " ")
    except OSError:
        return ""


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, marks=pytest.mark.proof),
        pytest.param(signal.SIGTERM, marks=pytest.mark.proof),
        signal.SIGKILL,
    ],
)
def test_the_generator_ends_with_its_run(loaded, shop, number):
    with started(loaded) as process:
        child = generator_of(process.pid)
        while not shop.asked:
            time.sleep(0.01)
        process.send_signal(number)
        process.wait(60)
    deadline = time.monotonic() + 60
    while "drillbook.load.generator" in command_of(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "drillbook.load.generator" not in command_of(child)


# --- the file -------------------------------------------------------------------------------------------------------


def test_pytest_never_imports_a_profile_even_when_it_is_named(loaded):
    loaded.edit(
        "load/brisk.py",
        "from drillbook import",
        "import os\nprint(open('pids', 'a').write(f'{os.getpid()} '))\nfrom drillbook import",
    )
    ran = loaded.load("load/brisk.py", *LOAD[1:])
    assert ran.code == 0, ran.said
    runs = [*(loaded.root / "reports").glob("*/journal.jsonl")]
    assert len((loaded.root / "pids").read_text().split()) == len({one.resolve() for one in runs}), (
        "once a run, in the child"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("from drillbook.arrivals", "from drillbook.arrival", "No module named 'drillbook.arrival'"),
        ('"api.errors"', '"redis.ping"', "'redis.ping' is nothing that a profile measures"),
        ('"api.errors"', '"api.p96"', "no limit is called 'api.p96'"),
        ("to=40, seconds=1", "to=-1, seconds=1", "0 or more"),
        ("BRISK =", "import os; os._exit(3)\nBRISK =", "the load generator ended with 3"),
    ],
)
def test_a_file_that_is_wrong_says_what_is_wrong_with_it(loaded, old, new, message):
    loaded.edit("load/brisk.py", old, new)
    ran = loaded.load(*LOAD)
    assert ran.code == 11, ran.said
    assert message in ran.said
    assert "Traceback" not in ran.said


def test_a_profile_that_is_held_to_what_is_not_judged_is_a_mistake(loaded, shop):
    off = '[limits."api.p95"]\noff = "too few visitors"\n[environments'
    loaded.edit("systems/shop/system.toml", PATIENT, off)
    ran = loaded.load(*LOAD)
    assert ran.code == 4, ran.said
    assert "held_to: api.p95 is not judged here: too few visitors" in ran.said
    assert shop.asked == []


def test_a_runbook_section_that_is_not_there_is_a_mistake(loaded):
    loaded.edit("systems/shop/system.toml", PATIENT, "[environments")
    loaded.edit(
        "systems/shop/system.toml", "[services.web]", '[runbook]\ntitle = "Shop"\nsections = ["Down"]\n[services.web]'
    )
    ran = loaded.load(*LOAD)
    assert ran.code == 11, ran.said
    assert "'API Latency' is not among runbook.sections of shop" in ran.said


def test_one_profile_is_chosen_by_its_name(loaded):
    loaded.write("load/other.py", PROFILE.replace("BRISK", "OTHER"))
    loaded.write("load/conftest.py", "'no profile'")
    ran = loaded.load(*LOAD, "--profile", "other")
    assert ran.code == 0, ran.said
    assert set(loaded.verdicts()) == {"api.p95(other)", "api.errors(other)"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--profile", "bisk"), "no profile is called 'bisk' (known: brisk)"),
        (("-n", "2"), "leave out -n"),
        (("--every", "5s"), "--every is for checks"),
    ],
)
def test_a_mistake_in_the_command_is_a_line_and_no_request(loaded, shop, arguments, message):
    ran = loaded.load(*LOAD, *arguments)
    assert ran.code == 4, ran.said
    assert message in ran.said
    assert shop.asked == []


def test_checks_and_profiles_are_runs_of_their_own(loaded):
    ran = loaded.load("checks", *LOAD)
    assert ran.code == 4, ran.said
    assert "run `pytest checks` and `pytest load`" in ran.said


def test_no_target_is_a_usage_error(loaded):
    ran = loaded.load("load")
    assert ran.code == 4, ran.said
    assert "no target chosen" in ran.said


# --- what may be loaded ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "confirm"),
    [
        ("local", ()),
        ("staging", ()),
        ("production", ()),
        ("staging", ("--confirm", "yes")),
        ("local", ("--confirm", "load shop@elsewhere")),
    ],
)
def test_what_drillbook_did_not_start_is_loaded_only_on_a_clear_word(loaded, shop, kind, confirm):
    loaded.edit("systems/shop/system.toml", 'kind = "local"', f'kind = "{kind}"')
    ran = loaded.load("load", "--target", "shop@local", *confirm)
    assert ran.code == 12, ran.said
    assert 'say --confirm "load shop@local"' in ran.said
    assert shop.asked == []


def test_production_takes_a_smoke_profile_only(loaded, shop):
    loaded.edit("systems/shop/system.toml", 'kind = "local"', 'kind = "production"')
    ran = loaded.load(*LOAD)
    assert ran.code == 12, ran.said
    assert "takes a smoke profile only: at most 5 requests a second for 60 s" in ran.said
    assert shop.asked == []
    loaded.write("load/brisk.py", PROFILE.replace("to=40", "to=5").replace("seconds=1)", "seconds=5)"))
    assert loaded.load(*LOAD).code == 0


def test_in_production_nothing_is_written(loaded, shop):
    loaded.edit("systems/shop/system.toml", 'kind = "local"', 'kind = "production"')
    loaded.write("load/brisk.py", PROFILE.replace("to=40", "to=5").replace("client.get", "client.post"))
    ran = loaded.load(*LOAD)
    assert ran.code == 12, ran.said
    assert shop.asked == []


def test_visitors_stay_with_the_target(loaded, shop):
    loaded.edit("load/brisk.py", '"/items"', '"http://127.0.0.1:9/items"')
    ran = loaded.load(*LOAD)
    assert ran.code == 12, ran.said
    assert shop.asked == []


HEADERS = 'headers = { Authorization = { env = "SHOP_TOKEN", prefix = "Bearer " } }'
LOGIN = 'login = { path = "/login", json = { name = "NAME" }, token = "$.token" }'


def test_visitors_of_a_system_behind_a_login_are_logged_in(loaded, shop):
    loaded.edit("systems/shop/system.toml", HEADERS, LOGIN.replace("NAME", "checker"))
    ran = loaded.load(*LOAD)
    assert ran.code == 0, ran.said
    [end] = [line for line in loaded.journal() if line["kind"] == "loaded"]
    assert (end["requests"], end["served"]) == (50, 50)
    written = [path.read_text() for path in (loaded.root / "reports" / "latest").rglob("*") if path.is_file()]
    assert not [text for text in (*written, ran.said) if shop.token in text]


def test_nobody_visits_where_the_login_gives_nothing(loaded, shop):
    loaded.edit("systems/shop/system.toml", HEADERS, LOGIN.replace("NAME", "nobody"))
    ran = loaded.load(*LOAD)
    assert ran.code not in (0, 1), ran.said
    assert "web: the login failed: /login answered 403" in ran.said
    assert shop.asked == []


def test_no_token_is_written_anywhere(loaded, shop):
    shop.say("/items", f"no such item for Bearer {shop.token}", status=404)
    ran = loaded.load(*LOAD)
    assert ran.code == 1, ran.said
    written = [path.read_text() for path in (loaded.root / "reports").rglob("*") if path.is_file()]
    assert not [text for text in (*written, ran.said) if shop.token in text]
    assert json.dumps(loaded.journal())


def test_whoever_only_looks_needs_no_word_and_loads_nobody(loaded, shop):
    loaded.write("load/other.py", PROFILE)
    ran = loaded.load("load", "--target", "shop@local", "--profile", "brisk", "--collect-only")
    assert ran.code == 0, ran.said
    assert "brisk" in ran.said
    assert "other" not in ran.said
    assert shop.asked == []
    assert not (loaded.root / "reports").exists()
