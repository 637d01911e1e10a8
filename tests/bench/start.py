"""What a run costs beside plain pytest, and 200 limits beside the slowest single answer: all from one run.

Prints medians and fails where a goal is missed: a run whose services answer at once takes at most its interval and
1.5 s, 100 endpoints of 100 ms each (twenty at once, three samples) take 3 s in all, and two workers (`-n 2`), which
are two more interpreters, add little to what they add to plain pytest.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[2]
ROUNDS = 5
INTERVAL = 1.0
SHORT = "0.1"  # seconds, where all is over later than that
START_UP = 1.5
MANY = 100
MANY_SECONDS = 3.0
AT_ONCE = 20  # that the file of the slow system allows
IN_TWO = 0.5  # seconds: each worker imports what judges, beside what any pytest imports
SYSTEM = """
[system]
name = "NAME"
[services.web]
kind = "http"
roles = ["api"]
url = { env = "BENCH_URL" }
at_once = AT_ONCE
health = { path = "/health", up = "$.status == 'ok'" }
metrics = { path = "/metrics", requests = "requests_total" }
ENDPOINTS
[environments.local]
kind = "local"
"""
CHECKS = """
def test_up(api, judge):
    judge("api.up", api.answers())
    judge("api.healthy", api.healthy())


def test_endpoint(api, endpoint, judge):
    judge(f"{endpoint}.ok", api.serves(endpoint))
    judge(f"{endpoint}.latency", api.latency(endpoint))


def test_errors(api, judge):
    judge("api.errors", api.error_ratio())
"""
PLAIN = "def test_nothing():\n    pass\n"


class Handler(BaseHTTPRequestHandler):
    """Answers at once, and what begins with /slow after 100 ms."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(0.1 if self.path.startswith("/slow") else 0)
        self.server.asked += 1
        pages = {
            "/health": '{"status": "ok"}',
            "/metrics": f'requests_total{{status="200"}} {50 * self.server.asked}\n',
        }
        body = pages.get(self.path, "{}").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def serve() -> None:
    """Serves until its parent's pipe closes."""
    ThreadingHTTPServer.request_queue_size = 2 * MANY
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.asked = True, 0
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


@contextmanager
def serving() -> Iterator[str]:
    """A server in a process of its own: its address."""
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def project(root: Path) -> Path:
    """The checkout's settings, a system whose services answer at once, one with slow endpoints, and an empty test."""
    slow = "\n".join(f'endpoints.e{number} = {{ path = "/slow/{number}" }}' for number in range(MANY))
    (root / "pyproject.toml").write_text((CHECKOUT / "pyproject.toml").read_text())
    files = {"checks/test_all.py": CHECKS, "other/test_nothing.py": PLAIN}
    files |= {"systems/house.toml": (CHECKOUT / "systems" / "house.toml").read_text()}
    for name, endpoints in (("quick", ""), ("slow", slow)):
        files[f"systems/{name}/system.toml"] = (
            SYSTEM.replace("NAME", name).replace("ENDPOINTS", endpoints).replace("AT_ONCE", str(AT_ONCE))
        )
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def run(root: Path, url: str, *arguments: str) -> tuple[float, float]:
    """How long one pytest takes, and how much of that it computes, in seconds."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    before, began = computed(), time.perf_counter()
    done = subprocess.run(command, cwd=root, env=environ(url), capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return time.perf_counter() - began, computed() - before


def environ(url: str) -> dict[str, str]:
    """The environment, where Python keeps what it has compiled: else each start would compile all that it imports."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"BENCH_URL": url}


def computed() -> float:
    """What ended children have computed so far, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def slowest(url: str) -> float:
    """How long the slowest of five single answers takes, in seconds."""
    times = []
    for number in range(5):
        began = time.perf_counter()
        urllib.request.urlopen(f"{url}/slow/{number}").read()
        times.append(time.perf_counter() - began)
    return max(times)


def measured() -> tuple[dict[str, tuple[float, float]], float]:
    """The median of each side, measured in turns, and the slowest single answer."""
    checks, interval, plain = ("checks", "--interval"), f"{INTERVAL:g}", ("other", "-p", "no:drillbook.plugin")
    sides = {
        "plain pytest": plain,
        "plain pytest -n 2": (*plain, "-n", "2"),
        "pytest checks": (*checks, interval, "--target", "quick@local"),
        "pytest checks -n 2": (*checks, interval, "--target", "quick@local", "-n", "2"),
        f"{2 * MANY} limits": (*checks, SHORT, "--target", "slow@local"),
        f"{2 * MANY} limits -n 2": (*checks, SHORT, "--target", "slow@local", "-n", "2"),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory() as folder, serving() as url:
        root = project(Path(folder))
        single = slowest(url)
        for _ in range(ROUNDS):
            for name, arguments in sides.items():
                times[name].append(run(root, url, *arguments))
    return {name: tuple(statistics.median(one) for one in zip(*of, strict=True)) for name, of in times.items()}, single


def main() -> int:
    """Prints what was measured, and what of it misses its goal."""
    found, single = measured()
    print(f"medians of {ROUNDS}, in seconds; load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores")
    print(f"{'':24}  takes  computes")
    for name, (took, cpu) in found.items():
        print(f"{name:24} {took:6.2f}    {cpu:6.2f}")
    print(f"{'slowest single answer':24} {single:6.2f}")
    plain, plain_in_two, quick, quick_in_two, many, many_in_two = (took for took, _ in found.values())
    two, ours, theirs = plain_in_two - plain, quick_in_two - quick, many_in_two - many
    print(f"start-up, page included and interval left out: {quick - INTERVAL:.2f} s; plain pytest: {plain:.2f} s")
    print(f"two workers add {theirs:.2f} s to {2 * MANY} limits, {ours:.2f} s to few, {two:.2f} s to plain pytest")
    missed = {
        f"start-up takes at most {START_UP:g} s": quick - INTERVAL > START_UP,
        f"{2 * MANY} limits take at most {MANY_SECONDS:g} s": many > MANY_SECONDS,
        f"two workers add at most {IN_TWO:g} s to what they add to plain pytest": max(ours, theirs) > two + IN_TWO,
    }
    for goal, is_missed in missed.items():
        print(f"{'MISSED' if is_missed else 'held'}: {goal}")
    return int(any(missed.values()))


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve()
    else:
        sys.exit(main())
