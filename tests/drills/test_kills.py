"""However a run with drills ends, wherever it is by then: nothing of it is left, nothing of others is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from drillbook.doctor.images import environment

NAMED = f"drillbook-{'?' * 36}-*-*-*"  # as folders of runs are, and no others
PATIENCE = 300.0  # seconds; gone is gone, however long a busy machine takes
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
# What the run says when it gets there.
MOMENTS = {
    "it is about to start a stack": "collected 1 item",
    "a stack is starting": "stack: starting",
    "a stack is up": "is up and warm",
    "the steady state is there": "steady state: all green",
    "the fault is there": "witness: redis: exited",
    "the symptom is there": "symptom: redis.up",
    "the fix is made": "fix: restart redis",
    "the world is restored": "restored: all green again",
}
PAIRS = [(moment, SIGNALS[number % len(SIGNALS)]) for number, moment in enumerate(MOMENTS)]
ALL = [(moment, one) for moment in MOMENTS for one in SIGNALS if (moment, one) not in PAIRS]


def docker(*arguments: str) -> str:
    """What docker says."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def left_of(run: str, before: set[str]) -> list[str]:
    """Everything of the run that is still there: on the engine, among the processes, among temporary files."""
    kinds = (("ps", "--all"), ("network", "ls"), ("volume", "ls"))
    wanted = ("--quiet", "--filter", f"label=drillbook={run}")
    things = [line for kind in kinds for line in docker(*kind, *wanted).split()]
    return things + [f"process {pid}" for pid in marked_processes(run)] + sorted(folders() - before)


def marked_processes(run: str) -> list[str]:
    """The processes that were started by the run: pytest, its watch, its workers, its supervisor."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            environ, words = (path / "environ").read_bytes(), (path / "cmdline").read_bytes()
        except OSError:
            continue
        if f"KILLED_RUN={run}".encode() in environ and b"pytest-of" not in words[:20]:
            found.append(path.name)
    return found


def folders() -> set[str]:
    """The temporary folders of runs whose supervisor, which the name says, is gone; a living one has its own."""
    found = {str(path): path.name.split("-") for path in Path(tempfile.gettempdir()).glob(NAMED)}
    return {path for path, words in found.items() if not Path(f"/proc/{words[-3]}").exists()}


class KilledRun:
    """`pytest chaos` of one drill, told to end when it says certain words."""

    def __init__(self, project, *more: str) -> None:
        command = [sys.executable, "-m", "pytest", "chaos", "--target", "deal-scout", *more]
        self.mark = f"{project.root.name}-{os.getpid()}"
        self.root, self.said = project.root, ""
        self.process = subprocess.Popen(
            command,
            cwd=project.root,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "KILLED_RUN": self.mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.said += line

    def kill_at(self, words: str, one: signal.Signals) -> None:
        """Sends the signal as soon as the run has said the words."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.said:
            assert time.monotonic() < deadline, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.02)
        self.process.send_signal(one)

    @property
    def run(self) -> str:
        """The run's id, as its journal's folder is called."""
        return (self.root / "reports" / "latest").resolve().name


@pytest.fixture(scope="module")
def foreign():
    """Somebody else's container, network and volume; they must be as they were."""
    name = f"foreign-{os.getpid()}"
    image = environment()["DRILLBOOK_IMAGE_REDIS"]
    docker("network", "create", name)
    docker("volume", "create", name)
    docker("run", "--detach", "--name", name, "--network", name, "--volume", f"{name}:/data", image)
    try:
        yield name
    finally:
        docker("rm", "--force", "--volumes", name)
        docker("network", "rm", name)
        docker("volume", "rm", name)


def started(container: str) -> str:
    """When it was started, and that it runs."""
    return docker("inspect", "--format", "{{.State.StartedAt}} {{.State.Status}} {{.RestartCount}}", container)


def nothing_is_left(run: KilledRun, before: set[str]) -> None:
    """Waits until all is gone, and says what is still there where it does not go."""
    deadline = time.monotonic() + PATIENCE
    while run.process.poll() is None or left_of(run.run, before) or marked_processes(run.mark):
        assert time.monotonic() < deadline, (run.process.poll(), left_of(run.run, before), run.said)
        time.sleep(0.2)


def check(project, foreign, moment: str, one: signal.Signals, *more: str) -> None:
    """Kills a run at a moment, and looks for what is left."""
    other, before = started(foreign), folders()
    run = KilledRun(project, *more)
    try:
        run.kill_at(MOMENTS[moment], one)
        nothing_is_left(run, before)
    finally:
        run.process.kill()
        run.process.wait()
    assert run.process.returncode != 0, run.said
    assert started(foreign) == other


@pytest.fixture
def one_drill(drill_project):
    """A project with the drill that is over soonest."""
    project = drill_project()
    for path in (project.root / "chaos").glob("test_*.py"):
        if path.name != "test_redis_killed.py":
            path.unlink()
    return project


@pytest.mark.parametrize(("moment", "one"), PAIRS, ids=lambda value: getattr(value, "name", value))
def test_nothing_is_left_of_a_run_that_is_killed(one_drill, foreign, moment, one):
    check(one_drill, foreign, moment, one)


@pytest.mark.proof
@pytest.mark.parametrize(("moment", "one"), ALL, ids=lambda value: getattr(value, "name", value))
def test_nothing_is_left_whatever_kills_a_run_wherever_it_is(one_drill, foreign, moment, one):
    check(one_drill, foreign, moment, one)


@pytest.mark.proof
@pytest.mark.parametrize("one", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
def test_nothing_is_left_of_a_killed_run_with_two_workers(drill_project, foreign, one):
    check(drill_project(), foreign, "the fault is there", one, "-n", "2")
