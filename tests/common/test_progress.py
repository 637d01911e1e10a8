"""What takes long says what it is doing and how far it is; what does not, says nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from types import SimpleNamespace

import pytest

from drillbook.common import progress
from drillbook.common.progress import both_ways, nobody, through, under_way
from drillbook.common.redact import keep_secret
from drillbook.supervisor import handle, sweeping
from drillbook.supervisor.handle import Supervisor
from drillbook.supervisor.removal import Removal

PATIENCE = 30  # seconds that a test waits for a line, which comes at once on a machine that has time


@pytest.fixture
def heard():
    """The lines that were said, to be waited for."""
    return Queue()


def threads():
    """The threads that may still say something."""
    return [one for one in threading.enumerate() if one.name == "drillbook-progress"]


def everything(heard):
    """What was said, once nobody can say any more."""
    for one in threads():
        one.join(PATIENCE)
    return list(heard.queue)


def test_it_is_five_seconds():
    assert progress.EVERY == 5


def test_what_is_done_before_that_is_done_in_silence(heard):
    with under_way("building the base image", say=heard.put):
        pass
    assert everything(heard) == []


def test_what_takes_long_says_so_again_and_again(heard):
    with under_way("building the base image", say=heard.put, every=0.01):
        lines = [heard.get(timeout=PATIENCE) for _ in range(3)]
    assert all(re.fullmatch(r"  … building the base image: \d+ s so far", line) for line in lines)


def test_it_says_what_is_being_done_now(heard):
    with under_way("building the base image", say=heard.put, now=lambda: "Unpacking libc6", every=0.01):
        assert re.fullmatch(r".*: \d+ s so far \(Unpacking libc6\)", heard.get(timeout=PATIENCE))


def test_it_says_of_how_much_and_what_is_missing(heard):
    with under_way("waiting", say=heard.put, at_most=45, now=lambda: "not yet green: redis.up", every=0.01):
        assert re.fullmatch(r"  … waiting: \d+ of at most 45 s; not yet green: redis.up", heard.get(timeout=PATIENCE))


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\rb", "a\nb", "\u202eabc", "x" * 10_000])
def test_a_line_is_one_plain_line_whatever_is_being_done(heard, hostile):
    with under_way(f"pulling {hostile}", say=heard.put, now=lambda: hostile, every=0.01):
        line = heard.get(timeout=PATIENCE)
    assert line.isprintable()
    assert " s so far (" in line
    assert len(line) < 2 * progress.LONGEST + 40


def test_a_secret_is_masked(heard):
    keep_secret("canary-of-progress")
    with under_way("building", say=heard.put, now=lambda: "login canary-of-progress", every=0.01):
        assert heard.get(timeout=PATIENCE).endswith("(login ***)")


def test_nothing_is_said_once_it_is_over(heard):
    asked, over = threading.Event(), threading.Event()

    def now():
        asked.set()
        over.wait(PATIENCE)
        return "too late"

    with under_way("building", say=heard.put, now=now, every=0.01):
        assert asked.wait(PATIENCE)
    over.set()
    assert everything(heard) == []


def test_a_line_that_has_begun_is_finished_before_it_is_over(heard):
    begun, go_on = threading.Event(), threading.Event()

    def say(line):
        begun.set()
        go_on.wait(PATIENCE)
        heard.put(line)

    with under_way("building", say=say, every=0.01):
        assert begun.wait(PATIENCE)
        go_on.set()
    assert heard.qsize() >= 1


def test_where_how_far_it_is_cannot_be_told_the_rest_is(heard):
    with under_way("building", say=heard.put, now=lambda: 1 / 0, every=0.01):
        assert re.fullmatch(r"  … building: \d+ s so far", heard.get(timeout=PATIENCE))


def test_what_cannot_be_said_harms_nobody_and_is_tried_again():
    tried = Queue()

    def say(line):
        tried.put(line)
        raise BrokenPipeError

    with under_way("building", say=say, every=0.01):
        tried.get(timeout=PATIENCE)
        tried.get(timeout=PATIENCE)


def test_where_no_thread_is_to_be_had_it_goes_on_in_silence(monkeypatch):
    def start(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    done = []
    with under_way("building", say=nobody):
        done.append(1)
    assert done == [1]


def test_what_fails_fails_as_it_would_and_is_over(heard):
    with pytest.raises(ZeroDivisionError), under_way("building", say=heard.put):
        1 / 0  # noqa: B018 (it is what fails)
    assert everything(heard) == []
    assert threads() == []


def test_it_can_be_told_as_a_fact(heard):
    through(lambda kind, **facts: heard.put((kind, facts)))("  … waiting: 5 s so far")
    assert heard.get(timeout=PATIENCE) == ("progress", {"words": "… waiting: 5 s so far"})


def test_entering_and_leaving_each_say_what_they_do(heard, monkeypatch):
    monkeypatch.setattr(progress, "EVERY", 0.01)
    lines = []

    @contextmanager
    def slow():
        lines.append(heard.get(timeout=PATIENCE))
        try:
            yield
        except KeyError:
            lines.append("seen")
            raise
        finally:
            heard.queue.clear()
            lines.append(heard.get(timeout=PATIENCE))

    with pytest.raises(KeyError), both_ways(slow(), "breaking", "restoring", say=heard.put):
        raise KeyError
    assert [re.sub(r":.*", "", line) for line in lines] == ["  … breaking", "seen", "  … restoring"]


def test_a_sweep_that_takes_long_says_how_many_runs_are_cleared_away(heard, monkeypatch):
    monkeypatch.setattr(progress, "EVERY", 0.01)
    monkeypatch.setattr(sweeping, "listed", lambda *_: [])
    monkeypatch.setattr(sweeping, "_dead", lambda _: ["one", "two"])
    awaited = iter(("0 of 2 dead runs", "1 of 2 dead runs"))

    def clear(*_, **__):
        words = next(awaited)
        while words not in heard.get(timeout=PATIENCE):
            pass
        return Removal(("folder x",))

    monkeypatch.setattr(sweeping, "clear", clear)
    assert sweeping.sweep_with(None, heard.put) == 2


def test_the_end_of_a_run_says_what_is_still_to_be_removed(heard, monkeypatch, tmp_path):
    monkeypatch.setattr(progress, "EVERY", 0.01)
    monkeypatch.setattr(handle, "_client", lambda: SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(handle, "listed", lambda *_: [SimpleNamespace(kind="container")] * 3)
    process = SimpleNamespace(stdin=None, stdout=None, wait=lambda: 0)
    lines = []

    def wait(_):
        lines.append(heard.get(timeout=PATIENCE))
        return {"removed": ["container one"], "left": []}

    run = Supervisor("a-run", process, SimpleNamespace(wait=wait), owner="me", folder=tmp_path, say=heard.put)
    assert run.close().removed == ("container one",)
    assert re.fullmatch(
        r"  … removing what this run has created: \d+ of at most 100 s; still there: 3 containers", lines[0]
    )


FAKE = """\
#!/bin/sh
case "$*" in
    -c*print*) echo 3.12 ;;
    -c*) ;;
    *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *--upgrade*) ;;
    *) echo "Collecting rich"; tries=0
       until grep -q "so far" said || [ $tries -eq 300 ]; do sleep 0.1; tries=$((tries + 1)); done
       exit $CODE ;;
esac
"""


def set_up(folder, code):
    """What `set-up.sh` says, and its exit code, with a Python that is slow to install anything."""
    shutil.copy(Path(__file__).parents[2] / "set-up.sh", folder)
    (folder / "constraints.txt").write_text("rich==1\npytest==2\n")
    (folder / "python").write_text(FAKE.replace("$CODE", str(code)))
    (folder / "python").chmod(0o755)
    with (folder / "said").open("w") as said:
        command = ["./set-up.sh", "./python", "0.2"]
        done = subprocess.run(command, cwd=folder, stdout=said, stderr=said, check=False, timeout=PATIENCE * 2)
    return (folder / "said").read_text(), done.returncode


def test_a_slow_set_up_says_how_many_packages_are_there(tmp_path):
    said, code = set_up(tmp_path, 0)
    assert code == 0
    assert re.search(
        r"^set-up: … installing: \d+ s so far, 0 of about 5 packages \(Collecting rich\)$", said, re.MULTILINE
    )


def test_a_set_up_that_fails_shows_what_pip_said(tmp_path):
    said, code = set_up(tmp_path, 3)
    assert code == 1
    assert said.endswith("Collecting rich\nset-up: installing: failed\n")
