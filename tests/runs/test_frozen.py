"""A server that stands still for five of thirty seconds is red, whenever it does so: in all runs that can tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.proof

RUNS = 20
AT_ONCE = 10
FROZEN_SECONDS = 5
SERVER = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

asked = []

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if not asked:
            asked.append(self.path)
            print("asked", flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""
SYSTEM = """
[system]
name = "shop"
[services.web]
kind = "http"
roles = ["api"]
url = { env = "SHOP_URL" }
[environments.local]
kind = "local"
"""
PROFILE = '''
"""Visitors for half a minute."""

from drillbook import LoadProfile, Ramp
from drillbook.arrivals import Visitor, task

HALF_A_MINUTE = LoadProfile(
    runbook="API Latency",
    arrivals=(Ramp(to=20, seconds=1), Ramp(to=20, seconds=29)),
    held_to=("api.p95",),
)


class Visits(Visitor):
    @task
    def items(self):
        self.client.get("/items")
'''
LOAD = ("load", "--target", "shop@local", "--confirm", "load shop@local")


@contextmanager
def serving():
    """A server in a process of its own."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server, f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.send_signal(signal.SIGCONT)
            server.kill()


def one_run(project, number: int) -> tuple[int, str]:
    """A run whose server freezes once, at a moment that differs from run to run: its exit code, and what it said."""
    with serving() as (server, url):
        command = [sys.executable, "-m", "pytest", *LOAD, "--reports", f"reports-{number}"]
        environ = {**os.environ, "SHOP_URL": url}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, cwd=project.root, env=environ, **pipes) as run:
            assert server.stdout.readline() == "asked\n"
            time.sleep(2 + number)
            server.send_signal(signal.SIGSTOP)
            time.sleep(FROZEN_SECONDS)
            server.send_signal(signal.SIGCONT)
            said = run.communicate(timeout=90)[0]
    return run.returncode, said


def test_a_freeze_of_five_seconds_is_red_in_every_run_that_keeps_up(project):
    project.write("systems/shop/system.toml", SYSTEM)
    project.write("load/half_a_minute.py", PROFILE)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        ran = list(threads.map(lambda number: one_run(project, number), range(RUNS)))
    busy = [(code, said) for code, said in ran if "the load generator could not keep up" in said]
    told = [one for one in ran if one not in busy]
    assert told, busy[0][1]
    assert {code for code, _ in busy} <= {11}
    assert {code for code, _ in told} == {1}, "\n\n".join(said for code, said in told if code != 1)
    assert all("HIGH api.p95(half_a_minute)" in said for _, said in told)
