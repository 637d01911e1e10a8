"""A client that knows nothing of Drillbook: measures PING, the health page, an endpoint and a login, over and over.

`python bystander.py FOLDER`, with the addresses in the environment: a process for each of the four, none of which waits
for another, and a file of each in FOLDER. It has a line of JSON for each measurement, with when that began and ended by
the monotonic clock and how many milliseconds it took; null where it failed.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
import time
from multiprocessing import Process
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

PAUSE = 0.1
DEADLINE = 10


def ping() -> float:
    """One PING through a connection that is there already, in seconds."""
    where = urlsplit(os.environ["DEAL_SCOUT_REDIS_URL"])
    with socket.create_connection((where.hostname, where.port), DEADLINE) as connection:
        if where.password:
            user = [where.username] if where.username else []
            connection.sendall(" ".join(["AUTH", *user, unquote(where.password)]).encode() + b"\r\n")
            assert connection.recv(100).startswith(b"+OK")
        began = time.monotonic()
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"+PONG")
        return time.monotonic() - began


def page(path: str) -> float:
    """One GET, connection included, in seconds."""
    where = urlsplit(os.environ["DEAL_SCOUT_URL"])
    began = time.monotonic()
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=DEADLINE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        return time.monotonic() - began
    finally:
        connection.close()


def login() -> float:
    """One login, connection included, in seconds."""
    began = time.monotonic()
    with psycopg.connect(os.environ["DEAL_SCOUT_DATABASE_URL"], connect_timeout=DEADLINE):
        return time.monotonic() - began


LOOKS = {
    "redis.ping": ping,
    "health.latency": lambda: page("/health"),
    "deals.latency": lambda: page("/deals?q=bike"),
    "database.login_time": login,
}


def measure(name: str, file: Path) -> None:
    """Measures one of them until it is ended."""
    with file.open("w", buffering=1) as lines:
        while True:
            began = time.monotonic()
            try:
                took = LOOKS[name]() * 1000
            except Exception:  # whatever it is, it was not served
                took = None
            lines.write(json.dumps({"name": name, "began": began, "ended": time.monotonic(), "ms": took}) + "\n")
            time.sleep(PAUSE)


def main() -> None:
    """Measures all of them until it is ended, and they with it."""
    for name in LOOKS:
        Process(target=measure, args=(name, Path(sys.argv[1]) / f"{name}.jsonl"), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.pause()


if __name__ == "__main__":
    main()
