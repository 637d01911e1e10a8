"""What the load generator can do, side by side with Locust in one run: how fast it is, and what it sees of a freeze.

Prints medians and fails where a goal is missed: at least 80 % of the requests a second that Locust's FastHttpUser
makes in a closed loop, and a 95th percentile above 500 ms where a server is frozen for 5 of 30 seconds.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5
SECONDS = 6
USERS = 50
MORE_THAN_IT_CAN = 40_000  # arrivals a second
LEAST_SHARE = 0.8
RATE, FROZEN_RUN, FREEZE_AT, FREEZE = 20, 30, 10, 5
LEAST_P95_MS = 500
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + b'{"ok":true}'
TASKS = """
    @task(9)
    def browse(self):
        self.client.get("/deals?q=bike", name="/deals")

    @task(1)
    def health(self):
        self.client.get("/health")
"""
OURS = """
from drillbook import LoadProfile, Ramp
from drillbook.arrivals import Visitor, task

ASKED = LoadProfile(
    runbook="API Latency",
    arrivals=(Ramp(to={rate}, seconds=0.01), Ramp(to={rate}, seconds={seconds})),
    held_to=("api.p95",),
)

class Shopper(Visitor):
"""
LOCUSTS = """
from locust import FastHttpUser, constant, constant_throughput, task

class Shopper(FastHttpUser):
    wait_time = {wait}
"""


class Canned(asyncio.Protocol):
    """A server that does as little as it can, and once nothing at all for a while."""

    freezes_at = float("inf")  # seconds after the first connection
    began: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects; the first one starts the clock."""
        self.transport, self.rest = transport, b""
        Canned.began = Canned.began or time.monotonic()

    def data_received(self, data: bytes) -> None:
        """A canned answer to each whole request."""
        if time.monotonic() - Canned.began > Canned.freezes_at:
            Canned.freezes_at = float("inf")
            time.sleep(FREEZE)
        *whole, self.rest = (self.rest + data).split(b"\r\n\r\n")
        self.transport.write(ANSWER * len(whole))


async def serve(freezes_at: float) -> None:
    """Serves until it is ended; its port is its first line."""
    Canned.freezes_at = freezes_at
    server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def served(freezes_at: float = float("inf")) -> Iterator[str]:
    """The address of such a server, in a process of its own."""
    command = [sys.executable, __file__, "--serve", str(freezes_at)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def ours(folder: Path, url: str, rate: int, seconds: float) -> list[list]:
    """What our generator tells of its samples in so many seconds of a run, and a little longer."""
    (folder / "ours.py").write_text(OURS.format(rate=rate, seconds=seconds) + TASKS)
    command = [sys.executable, "-m", "drillbook.load.generator", str(folder / "ours.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(json.dumps({"host": url, "headers": {}, "read_only": True}).encode() + b"\n")
        process.stdin.flush()
        told = b"".join(chunks(process.stdout.fileno(), seconds))
        process.stdin.close()
    whole = told[: told.rindex(b"\n")].splitlines()
    return [sample for line in whole for sample in json.loads(line).get("samples", ())]


def chunks(source: int, seconds: float) -> Iterator[bytes]:
    """What comes, unread: reading it now would take the time of those who are measured."""
    while chunk := os.read(source, 1 << 20):
        yield chunk
        if any(float(at) > seconds + 0.9 for at in re.findall(rb'"at": ([0-9.]+)', chunk)):
            return


def locusts(folder: Path, url: str, users: int, seconds: float, wait: str) -> tuple[float, float]:
    """What stock Locust tells of a closed loop: requests in a whole second (mean), and the 95th percentile in ms."""
    (folder / "locusts.py").write_text(LOCUSTS.format(wait=wait) + TASKS)
    where = ["-f", str(folder / "locusts.py"), "--host", url, "--headless", "--json", "--csv", str(folder / "it")]
    how = ["-u", str(users), "-r", str(users), "-t", f"{seconds}s"]
    done = subprocess.run([sys.executable, "-m", "locust", *where, *how], capture_output=True, check=True)
    counts: Counter[str] = Counter()
    for name in json.loads(done.stdout):
        counts.update(name["num_reqs_per_sec"])
    with (folder / "it_stats.csv").open() as table:
        total = list(csv.DictReader(table))[-1]
    return statistics.mean(counts[second] for second in sorted(counts)[1:-1]), float(total["95%"])


def throughput(folder: Path) -> float:
    """Our requests a second, as a share of Locust's; in turns, so that a slow moment of the machine meets both."""
    both: dict[str, list[float]] = {"ours, each arrival when it is due": [], "Locust's FastHttpUser, a closed loop": []}
    our, their = both.values()
    with served() as url:
        for _ in range(ROUNDS):
            found = ours(folder, url, MORE_THAN_IT_CAN, SECONDS)
            ended = [due + took for _, due, took, reason in found if not reason]
            our.append(sum(1 <= moment < SECONDS for moment in ended) / (SECONDS - 1))  # as Locust's: not the first
            their.append(locusts(folder, url, USERS, SECONDS, "constant(0)")[0])
    for name, of in both.items():
        spread = f"{min(of):.0f} to {max(of):.0f}"
        print(f"{name:36} {statistics.median(of):7.0f} requests/s  (of {ROUNDS}: {spread})")
    return statistics.median(our) / statistics.median(their)


def frozen(folder: Path) -> float:
    """Our 95th percentile in ms of a run in which the server freezes, beside Locust's at the same rate."""
    with served(FREEZE_AT) as url, served(FREEZE_AT) as other, ThreadPoolExecutor(1) as beside:
        theirs = beside.submit(locusts, folder, other, RATE, FROZEN_RUN, "constant_throughput(1)")
        took = sorted(took for _, _, took, reason in ours(folder, url, RATE, FROZEN_RUN) if not reason)
    p95 = took[int(0.95 * len(took))] * 1000
    print(f"{'ours, from when it was due':36} {p95:7.0f} ms p95")
    print(f"{'Locust, from when it was sent':36} {theirs.result()[1]:7.0f} ms p95")
    return p95


def main() -> int:
    """Measures both; 1 where a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"as fast as it goes, {SECONDS} s:")
        share = throughput(Path(folder))
        print(f"that is {share:.0%} of Locust's (at least {LEAST_SHARE:.0%})\n")
        print(f"{RATE} requests/s for {FROZEN_RUN} s, the server frozen for {FREEZE} of them:")
        p95 = frozen(Path(folder))
        print(f"the freeze is in our p95: {p95:.0f} ms (above {LEAST_P95_MS} ms)")
    return int(share < LEAST_SHARE or p95 <= LEAST_P95_MS)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(float(sys.argv[2])))
    sys.exit(main())
