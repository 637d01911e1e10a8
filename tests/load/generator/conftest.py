"""What the generator's tests share: a stand-in server and the generator, each in a process of its own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PATIENCE = 60.0
HEAD = '''\
"""What a test asks for.

Runbooks: API Latency.
"""

from drillbook import LoadProfile, Ramp
from drillbook.arrivals import Visitor, task
'''
PROFILE = """
ASKED = LoadProfile(runbook="API Latency", arrivals=({ramps},), held_to=("api.p95",))
"""
GET = """
class Shopper(Visitor):
    @task
    def browse(self):
        self.client.get("/deals?q=bike", name="/deals")
"""


def undisturbed(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """The process, before others where that is allowed: what runs at the same time would look like its lateness."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, process.pid, -15)
    return process


class Generator:
    """A generator that has a profile, and what it says."""

    def __init__(self, path: Path, *, patience=None, environ=None, files=None) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        few = ["prlimit", f"--nofile={files}"] if files else []
        program = [str(HERE / "hurried.py"), str(patience)] if patience else ["-m", "drillbook.load.generator"]
        command = [*few, sys.executable, *program, str(path)]
        self.process = undisturbed(subprocess.Popen(command, **pipes, env={**os.environ, **(environ or {})}))
        self.raw, self.heard = b"", 0  # all that it said, and how much of that was listened to
        self.ended: dict[str, object] = {}
        self.lines: list[dict[str, object]] = []
        self.errors = ""

    def hear(self, seconds: float = PATIENCE) -> dict[str, object] | None:
        """The next thing it says; None where it says no more."""
        out, until = self.process.stdout, time.monotonic() + seconds
        while b"\n" not in self.raw[self.heard :]:
            assert select.select([out], [], [], max(0.0, until - time.monotonic()))[0], "it fell silent"
            if not (said := os.read(out.fileno(), 65536)):
                return None
            self.raw += said
        line, _, _ = self.raw[self.heard :].partition(b"\n")
        self.heard += len(line) + 1
        return json.loads(line)

    def say(self, **where: object) -> None:
        """Tells it where to go."""
        line = json.dumps({"headers": {}, "read_only": False, **where}).encode() + b"\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def finish(self) -> Generator:
        """Listens to its end."""
        while (said := self.hear()) is not None:
            self.lines.append(said)
        self.errors = self.process.stderr.read().decode()
        self.ended = self.lines[-1].get("ended", {}) if self.lines else {}
        self.process.wait(PATIENCE)
        return self

    def run(self, host: str, **where: object) -> Generator:
        """A whole run."""
        assert "profile" in self.hear()
        self.say(host=host, **where)
        return self.finish()

    @property
    def code(self) -> int:
        """Its exit code."""
        return self.process.wait(PATIENCE)

    @property
    def on_time(self) -> float:
        """The share of its arrivals that were on time."""
        return self.ended["on_time"] / self.ended["asked"]

    @property
    def samples(self) -> list[list[object]]:
        """Name, due, took and reason of every request."""
        return [sample for line in self.lines for sample in line.get("samples", ())]

    def reasons(self, name: str) -> set[str]:
        """Why requests of this name were not served."""
        return {reason for its, _, _, reason in self.samples if its == name}

    def took(self, percent: float = 95) -> float:
        """The latency in seconds that so many percent of the served requests did not exceed."""
        served = sorted(took for _, _, took, reason in self.samples if not reason)
        return served[min(len(served) - 1, int(len(served) * percent / 100))]


class Server:
    """A stand-in, and what it was asked."""

    def __init__(self, *options: str) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = undisturbed(subprocess.Popen([sys.executable, str(HERE / "standin.py"), *options], **pipes))
        self.url = f"{'https' if '--cert' in options else 'http'}://127.0.0.1:{int(self.process.stdout.readline())}"

    def log(self) -> list[dict[str, object]]:
        """Ends it; every request it was asked."""
        if self.process.stdin.closed:
            return self.asked
        out, _ = self.process.communicate(timeout=PATIENCE)
        self.asked = json.loads(out)
        return self.asked


@pytest.fixture(scope="module")
def started():
    """What was started in a module; all of it has ended afterwards."""
    made: list[Generator | Server] = []
    yield made
    for one in made:
        one.process.kill()
        one.process.wait()
        for pipe in (one.process.stdin, one.process.stdout, one.process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()


@pytest.fixture(scope="module")
def server(started):
    """Starts a stand-in server."""

    def start(*options: object) -> Server:
        started.append(Server(*map(str, options)))
        return started[-1]

    return start


@pytest.fixture(scope="module")
def generator(started, tmp_path_factory):
    """Starts a generator with a profile of these ramps and these visitors, or of this text."""

    def start(ramps: str = "", visitors: str = GET, *, text: str = "", **options: object) -> Generator:
        path = tmp_path_factory.mktemp("load") / "asked.py"
        path.write_text(text or HEAD + PROFILE.format(ramps=ramps) + textwrap.dedent(visitors))
        started.append(Generator(path, **options))
        return started[-1]

    return start
