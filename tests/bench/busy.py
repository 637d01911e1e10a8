"""Whether a busy machine blames a healthy service, and still sees one that is slow: beside a client of its own.

Starts a copy of deal-scout and busy loops, and checks it in single runs and in rounds; then the same through proxies
that really make everything slower. Prints a table: how often was measured, what was BREACHED, which of it a client of
its own that measures at the same time did not see, how often nothing could be told, and the exit codes; then why. Fails
where a breach was ours alone, where more than 2 % could not tell or for another reason than the machine, or where
anything missed that the service was slow.

All of it: `python tests/bench/busy.py --runs 100 --rounds 200`.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
TARGET = "deal-scout@local"
CHECK = ("pytest", "checks", "--target", TARGET, "--gate", "low", "--interval", "1", "-q", "-p", "no:cacheprovider")
PYPROJECT = '[tool.pytest]\naddopts = ["--import-mode=importlib", "-p", "no:locust"]\n'
ADDRESSES = ("DEAL_SCOUT_URL", "DEAL_SCOUT_REDIS_URL", "DEAL_SCOUT_DATABASE_URL")
SLOWED = "redis.ping"  # whose limit is below what the proxy adds
MOST_UNTOLD = 0.02
NEAR = 2.0  # seconds around a run or a round in which the other client may have seen the same
BUSY = "this machine was too busy to tell"
BEGAN = time.monotonic()
busy = runpy.run_path(str(CHECKOUT / "tests" / "busy.py"))["busy"]

Line = dict[str, Any]


@dataclass
class Round:
    """The verdicts of a round, or of a single run, and when it began and ended by the monotonic clock."""

    began: float
    ended: float
    verdicts: list[Line]

    def of(self, verdict: str) -> list[Line]:
        """The lines of that verdict."""
        return [line for line in self.verdicts if line["verdict"] == verdict]


@dataclass
class Ran:
    """A run: its exit code and its rounds."""

    code: int
    rounds: list[Round]


def drillbook(root: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Has a copy in `root` up or down."""
    words = [sys.executable, "-m", "drillbook", command, "deal-scout"]
    return subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)


@contextmanager
def a_copy() -> Iterator[tuple[Path, dict[str, str]]]:
    """A project with the checkout's content and a copy that is up; its addresses."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("systems", "checks"):
            shutil.copytree(CHECKOUT / name, root / name)
        (root / "pyproject.toml").write_text(PYPROJECT)
        try:
            started = drillbook(root, "up")
            assert started.returncode == 0, started.stdout + started.stderr
            lines = (root / ".drillbook" / f"{TARGET}.env").read_text().splitlines()
            yield root, dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        finally:
            drillbook(root, "down")


@contextmanager
def bystander(notes: str, environ: dict[str, str]) -> Iterator[None]:
    """The other client, as long as the block goes on."""
    command = [sys.executable, str(HERE / "bystander.py"), notes]
    process = subprocess.Popen(command, env={**os.environ, **environ})
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def slowed(addresses: dict[str, str], milliseconds: int) -> Iterator[dict[str, str]]:
    """The addresses of proxies that pass on each answer so much later, in a process of their own."""
    ports = [str(urlsplit(addresses[name]).port) for name in ADDRESSES]
    command = [sys.executable, str(HERE / "slower.py"), str(milliseconds), *ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        ours = process.stdout.readline().split()
        pairs = zip(ADDRESSES, ports, ours, strict=True)
        try:
            yield addresses | {name: addresses[name].replace(f":{port}", f":{own}", 1) for name, port, own in pairs}
        finally:
            process.kill()


def check(root: Path, environ: dict[str, str], *how: str) -> Ran:
    """One run: its exit code, and its rounds."""
    began = time.monotonic()
    reading, writing = os.pipe()
    command = [sys.executable, "-m", *CHECK, *how, "--journal-fd", str(writing)]
    rounds: list[Round] = []
    verdicts: list[Line] = []
    with subprocess.Popen(
        command, cwd=root, env={**os.environ, **environ}, pass_fds=(writing,), stdout=subprocess.DEVNULL
    ) as process:
        os.close(writing)
        with os.fdopen(reading) as lines:
            for line in map(json.loads, lines):
                if line["kind"] == "verdict":
                    verdicts.append(line)
                if line["kind"] in ("round", "end") and verdicts:
                    rounds.append(Round(began, time.monotonic(), verdicts))
                    began, verdicts = time.monotonic(), []
    return Ran(process.returncode, rounds)


def seen(client: list[Line], breach: Line, one: Round) -> bool:
    """Whether the other client saw the same at that time."""
    over = float(breach["limit"].split()[1]) if breach["unit"] == "ms" else 0.0
    first, last = one.began - NEAR, one.ended + NEAR
    near = [look for look in client if look["name"] == breach["name"]]
    during = [look for look in near if look["ended"] >= first and look["began"] <= last]
    return any(look["ms"] is None or look["ms"] > over for look in during)


class Told:
    """What runs of one kind came to, beside what the other client saw."""

    def __init__(self, name: str, wanted: int, runs: list[Ran], client: list[Line]) -> None:
        self.name, self.wanted, self.codes = name, wanted, Counter(run.code for run in runs)
        self.rounds = [one for run in runs for one in run.rounds]
        breaches = [(seen(client, line, one), line) for one in self.rounds for line in one.of("BREACHED")]
        self.alone = [line for is_theirs, line in breaches if not is_theirs]
        self.theirs = [line for is_theirs, line in breaches if is_theirs]
        self.unknown = [line for one in self.rounds for line in one.of("UNKNOWN")]
        self.untold = sum(bool(one.of("UNKNOWN")) for one in self.rounds)
        self.slow = sum(any(line["name"] == SLOWED for line in one.of("BREACHED")) for one in self.rounds)

    @property
    def row(self) -> str:
        """A row of the table."""
        codes = ", ".join(f"{code}: {times}" for code, times in sorted(self.codes.items()))
        breaches = f"{len(self.theirs) + len(self.alone):10}{len(self.alone):12}"
        counts = f"{len(self.rounds):8}{breaches}{self.untold:9}{self.slow:12}"
        return f"{self.name:28}{counts}   {codes}"

    def say(self) -> None:
        """What there is to say of single verdicts."""
        for words, lines in (("ours alone", self.alone), ("seen by the other client too", self.theirs)):
            for name in sorted({line["name"] for line in lines}):
                its = [line for line in lines if line["name"] == name]
                values = ", ".join(f"{line['value']:.0f} (late {line['late']:.0f})" for line in its[:8])
                print(f"  {self.name}: BREACHED {len(its)} times, {words}: {name} {its[0]['limit']}: {values}")
        for why, times in Counter(f"{one['name']}: {one['reason'][:100]}" for one in self.unknown).most_common():
            print(f"  {self.name}: UNKNOWN {times} times: {why}")


def main() -> int:
    """Measures; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--loops", type=int, default=8)
    parser.add_argument("--slower", type=int, default=200, help="milliseconds")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # with everything on the way out undone
    return int(not verdict(asked, measured(asked)))


def measured(asked: argparse.Namespace) -> list[Told]:
    """Single runs and rounds of the copy as it is, then of the same through the proxies."""
    with ExitStack() as stack:
        root, addresses = stack.enter_context(a_copy())
        stack.enter_context(busy(asked.loops))
        healthy = both(asked, root, addresses, "")
        through = stack.enter_context(slowed(addresses, asked.slower))
        return [*healthy, *both(asked, root, through, f", {asked.slower} ms slower")]


def both(asked: argparse.Namespace, root: Path, environ: dict[str, str], how: str) -> list[Told]:
    """So many single runs, then so many rounds in one process, beside the other client."""
    with tempfile.TemporaryDirectory(dir=root) as notes:
        with bystander(notes, environ):
            runs = [check(root, environ) for _ in range(asked.runs)]
            rounds = check(root, environ, "--every", "1s", "--rounds", str(asked.rounds))
            time.sleep(NEAR)  # what it has begun beside the last of them ends
        lines = [line for file in Path(notes).iterdir() for line in file.read_text().splitlines()]
    client = [json.loads(line) for line in lines if line.endswith("}")]
    return [
        Told(f"single runs{how}", asked.runs, runs, client),
        Told(f"rounds{how}", asked.rounds, [rounds], client),
    ]


def verdict(asked: argparse.Namespace, told: list[Told]) -> bool:
    """Says what was found, and whether all goals were held."""
    seconds = time.monotonic() - BEGAN
    print(f"{asked.loops} busy loops on {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}, {seconds:.0f} s in all")
    print(f"{'':28}{'measured':>8}{'BREACHED':>10}{'ours alone':>12}{'UNKNOWN':>9}{SLOWED:>12}   exit codes")
    print("\n".join(one.row for one in told))
    for one in told:
        one.say()
    goals = goals_of(told, asked.slower)
    for goal, held in goals.items():
        print(f"{'held' if held else 'MISSED'}: {goal}")
    return all(goals.values())


def goals_of(told: list[Told], slower: int) -> dict[str, bool]:
    """Which goals are held: the first two are of the copy as it is, the others of the slower one."""
    healthy, slow = told[:2], told[2:]
    untold, every = sum(one.untold for one in healthy), sum(len(one.rounds) for one in healthy)
    reasons = [line["reason"] for one in healthy for line in one.unknown]
    seen_each_time = all(one.slow == one.wanted and {*one.codes} == {1} for one in slow)
    return {
        "every run and round came to its end": all(len(one.rounds) == one.wanted for one in told),
        "no breach was ours alone": not any(one.alone for one in healthy),
        f"at most {MOST_UNTOLD:.0%} of them, or one, could not tell": untold <= max(1, MOST_UNTOLD * every),
        "what could not be told was for want of time": all(BUSY in reason for reason in reasons),
        f"what is {slower} ms slower was BREACHED each time": seen_each_time,
    }


if __name__ == "__main__":
    sys.exit(main())
