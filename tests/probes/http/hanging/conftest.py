"""A real gunicorn with two processes, one page of which may hang; a server of our own; the clock of turns."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from drillbook.probes import turns

HERE = Path(__file__).parent
METRICS = '# TYPE requests_total counter\nrequests_total{{status="200"}} {}\n'
TOKEN, QUERY = "of-a-shop", "/api/v1/query"
ENOUGH = {"429": (429, "Retry-After: 65\r\n"), "503": (503, "")}


@dataclass
class Web:
    """A small real server: what is `wrong` with a page, by path, and `after` a page was asked is with others, too.

    Pages that are `closed` want a login. `asked` is what was, each with what came of it. Of the queries to it as a
    Prometheus the first are answered `alone`, so many, and then so many `together`.
    """

    wrong: dict[str, str] = field(default_factory=dict)
    after: dict[str, dict[str, str]] = field(default_factory=dict)
    alone: int = 0
    together: int = 0
    closed: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    served: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self._loop, self._over, started = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
        self._waiting = list[asyncio.Event]()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(started),), daemon=True)
        self._thread.start()
        started.wait()

    def taken(self) -> list[tuple[str, str]]:
        """What was asked since this was last called, each with what came of it."""
        asked, self.asked = self.asked, []
        return asked

    def end(self) -> None:
        """Ends the server, and whatever hangs there."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(30)
        self._loop.close()

    def _end(self) -> None:
        for event in (self._over, *self._waiting):
            event.set()

    async def _serve(self, started: threading.Event) -> None:
        server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        await self._over.wait()
        server.close()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path, _, query = head.split()[1].partition("?")
        what = self.wrong.get(path, "401" if path in self.closed and TOKEN not in head else "well")
        self.asked.append((path, what))
        self.wrong |= self.after.get(path, {})
        await self._wait_for_others(path)
        if what == "hang":
            await self._over.wait()
        elif what != "drop":
            writer.write(self._answer(path, what, query))
        writer.close()

    async def _wait_for_others(self, path: str) -> None:
        if path == QUERY and sum(one == QUERY for one, _ in self.asked) > self.alone:
            self._waiting.append(arrived := asyncio.Event())
            if len(self._waiting) >= self.together:
                for one in self._waiting:
                    one.set()
            await arrived.wait()

    def _answer(self, path: str, what: str, query: str) -> bytes:
        self.served[path] += 1
        status, more = ENOUGH.get(what, (401 if what == "401" else 200, ""))
        sample = {"metric": {}, "value": [time.time(), str(time.time() if "time" in query else 1)]}
        data = {"resultType": "vector", "result": [sample], "activeTargets": [], "groups": []}
        well = {"ok": True, "token": TOKEN, "depth": 3, "status": "success", "data": data}
        said = json.dumps(well) if status == 200 else "not now"
        body = METRICS.format(self.served[path]) if path == "/metrics" and status == 200 else said
        return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n{body}".encode()


@pytest.fixture
def web():
    """A server whose pages are well, hang, drop the connection, refuse or fail; it ends with the test."""
    one = Web()
    yield one
    one.end()


@pytest.fixture(scope="package")
def gunicorn(tmp_path_factory, a_port, until):
    """A running one: its address, and the room in which `hangs`, `held-*` and `asked` are."""
    room, port = tmp_path_factory.mktemp("room"), a_port()
    command = ["gunicorn", "app:app", "--workers", "2", "--bind", f"127.0.0.1:{port}", "--timeout", "0"]
    with (room / "log").open("w") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=HERE, env={"ROOM": str(room)}, stdout=log, stderr=log
        )

    def is_ready():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).status == 200
        except OSError:
            return False

    until(is_ready)
    yield SimpleNamespace(address=f"http://127.0.0.1:{port}", room=room)
    (room / "hangs").unlink(missing_ok=True)
    started.terminate()
    started.wait(30)


@pytest.fixture
def server(gunicorn, until):
    """The same, on which nothing hangs any more afterwards."""
    (gunicorn.room / "asked").write_text("")
    gunicorn.held = lambda: len(list(gunicorn.room.glob("held-*")))
    gunicorn.log = lambda: (gunicorn.room / "asked").read_text().split()
    gunicorn.asked = lambda: Counter(gunicorn.log())
    gunicorn.hang = lambda path="/hang": (gunicorn.room / "hangs").write_text(path)
    gunicorn.refuse = lambda path: (gunicorn.room / "refuses").write_text(path)

    def go_on():
        for file in ("hangs", "refuses"):
            (gunicorn.room / file).unlink(missing_ok=True)
        until(lambda: gunicorn.held() == 0)

    gunicorn.go_on = go_on
    yield gunicorn
    go_on()


@pytest.fixture
def clock(monkeypatch):
    """The clock by which turns are taken; it stands still unless the test moves it."""
    at = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=lambda: at.now))
    return at
