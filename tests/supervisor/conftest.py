"""Runs that are killed, and what is there afterwards: on the real engine, beside a container that is not theirs."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drillbook.doctor import engine, images
from drillbook.supervisor import arm
from drillbook.supervisor.process import MARK, kill, look
from drillbook.supervisor.things import listed, remove

PROGRAM = Path(__file__).with_name("program.py")
TEST = "drillbook.test"


@dataclass
class Bench:
    """What the tests share: the engine, the label of everything that they make, and an image that can sleep."""

    client: object
    image: str
    test: str

    @property
    def label(self) -> str:
        """On everything that these tests make."""
        return f"{TEST}={self.test}"

    def name(self) -> str:
        """A run's name."""
        return f"test-{secrets.token_hex(5)}"

    def container(self, labels=(), **options):
        """A container that sleeps."""
        labels = {TEST: self.test, **dict(labels)}
        return self.client.containers.run(
            self.image, entrypoint=["sleep", "86400"], detach=True, labels=labels, **options
        )

    def start(self, moment: str) -> Killable:
        """A run that goes to `moment`."""
        run = self.name()
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), run, self.test, self.image, moment],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name != MARK},
        )
        return Killable(self, run, process)

    def clear(self) -> None:
        """Removes what these tests made, with none of the code that they are about."""
        for _ in range(3):
            for thing in listed(self.client, self.label):
                remove(self.client, thing)


@dataclass
class Killable:
    """A run of `program.py`: what it said it had, and what of it is still there."""

    bench: Bench
    run: str
    process: subprocess.Popen[str]
    said: dict[str, object] = field(default_factory=dict)
    processes: list[object] = field(default_factory=list)
    survivors: list[object] = field(default_factory=list)
    killed: float = 0.0

    def reach(self) -> Killable:
        """Reads until it is at its moment."""
        for line in self.process.stdout:
            self.said.update(json.loads(line))
            if "at" in self.said:
                break
        else:
            raise AssertionError(f"{self.run} never got there: {self.said}")
        pids = [self.process.pid, self.said["supervisor"], *self.said.get("pids", [])]
        self.processes = [process for process in map(look, pids) if process]
        self.survivors = [look(pid) for pid in self.said.get("survivors", [])]
        return self

    def kill(self, number: int) -> None:
        """Sends a signal to the run alone."""
        self.process.send_signal(number)
        self.killed = time.monotonic()

    def kill_supervisor(self) -> None:
        """Takes the supervisor away."""
        os.kill(self.said["supervisor"], signal.SIGKILL)

    def there(self) -> list[str]:
        """What there is of it."""
        self.process.poll()
        things = [str(thing) for thing in listed(self.bench.client, f"drillbook={self.run}")]
        volumes = {volume["Name"] for volume in self.bench.client.api.volumes()["Volumes"] or []}
        things += [f"anonymous volume {name}" for name in set(self.said.get("volumes", [])) & volumes]
        things += [f"process {one.pid}" for one in self.processes if runs(one)]
        return things + [f"folder {name}" for name in [self.said["folder"]] if Path(name).exists()]

    def until_clean(self, within: float = 120.0) -> float:
        """The seconds from the signal until nothing of it was there; AssertionError says what is left."""
        while there := self.there():
            assert time.monotonic() - self.killed < within, there
            time.sleep(0.1)
        return time.monotonic() - self.killed

    @staticmethod
    def runs(process: object) -> bool:
        """Whether this very process still runs."""
        return runs(process)

    def away(self) -> None:
        """Ends whatever of it is left, by force."""
        for process in (*self.processes, *self.survivors):
            kill(process)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.said.get("folder", self.run), ignore_errors=True)


def runs(process) -> bool:
    """Whether this very process still runs."""
    now = look(process.pid)
    return bool(now and now.same(process.pid, process.started) and not now.ended)


@pytest.fixture(scope="session")
def bench():
    """The engine and the label of everything that these tests make, which is removed at their end."""
    found = Bench(engine.client(), images.environment()["DRILLBOOK_IMAGE_REDIS"], secrets.token_hex(5))
    try:
        yield found
    finally:
        found.clear()
        assert listed(found.client, found.label) == []


@pytest.fixture(scope="session")
def foreign(bench):
    """A container beside the runs that is not theirs; must run as it ran before, all tests long."""
    container = bench.container({"drillbook": f"up:{bench.test}"}, volumes=["/scratch"])
    container.reload()
    before = container.attrs["State"]["StartedAt"]
    yield container
    container.reload()
    assert (container.status, container.attrs["State"]["StartedAt"]) == ("running", before)


@pytest.fixture
def started(bench, foreign):
    """Starts runs, and ends them with the test."""
    with contextlib.ExitStack() as stack:

        def start(moment: str) -> Killable:
            one = bench.start(moment)
            stack.callback(one.away)
            return one

        yield start


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for temporary folders, instead of the machine's."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def armed(bench, temporary):
    """A run that is armed in this process."""
    supervisor = arm(bench.name())
    yield supervisor
    supervisor.close(settled=True)
