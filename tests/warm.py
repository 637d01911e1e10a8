"""Runs a module as `python -m` does, in a fork of a process that has imported already what the module needs.

Hundreds of tests start pytest or drillbook, and two thirds of what such a start costs is imports. As a program this is
the process that is forked: it takes orders at the socket on its standard input until that is closed.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _pytest.config import default_plugins

if TYPE_CHECKING:
    from collections.abc import Iterator

# All of the packages that a run of checks may need; not what patches others (gevent), nor what few runs import.
PACKAGES = ("common", "judging", "plugin", "probes", "reference", "report", "system")
LIBRARIES = (
    *("anyio._backends._asyncio", "httpcore", "httpx", "jinja2.ext", "jsonpath_rfc9535", "psycopg", "pydantic"),
    *("pydantic.functional_serializers", "redis.asyncio", "rich.console", "tomllib", "typer", "wsgiref.simple_server"),
    *("pdb", "encodings.utf_8_sig", "encodings.unicode_escape", "xml.etree.ElementTree", "sqlite3"),
    *("prometheus_client.openmetrics.parser", "prometheus_client.parser"),
)
LONGEST_ORDER = 1 << 20


class Warm:
    """The process that is forked; it ends with the one that made it."""

    def __init__(self) -> None:
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([sys.executable, __file__], stdin=theirs)

    def run(self, command: tuple[str, ...], folder: Path, environ: dict[str, str], seconds: float) -> tuple[int, str]:
        """The exit code of `python -m COMMAND` and all that it said; after so many seconds it is killed."""
        order = json.dumps({"command": command, "folder": str(folder), "environ": environ}).encode()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, tempfile.TemporaryFile() as said:
            with theirs, Path(os.devnull).open() as nothing:
                files = [one.fileno() for one in (nothing, said, said, theirs)]
                socket.send_fds(self._door, [order], files)
            code = _outcome(ours, command, seconds)
            said.seek(0)
            return code, said.read().decode(errors="replace")


def _outcome(ours: socket.socket, command: tuple[str, ...], seconds: float) -> int:
    """The exit code that the process says last; its id it says first."""
    ours.settimeout(seconds)
    pid = int(ours.recv(64))
    try:
        return int(ours.recv(64))
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        raise subprocess.TimeoutExpired(command, seconds) from None


def modules() -> Iterator[str]:
    """The names of all modules that are imported before anything is forked."""
    yield from (f"_pytest.{name}" for name in default_plugins)
    yield from LIBRARIES
    for name in PACKAGES:
        package = importlib.import_module(f"drillbook.{name}")
        yield from (found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))


def serve() -> dict[str, Any]:
    """Forks at each order, and returns it in the new process; ends with its standard input, or when told to."""
    for name in modules():
        importlib.import_module(name)
    gc.freeze()
    door = socket.socket(fileno=os.dup(0))
    while True:
        try:
            order, files, _, _ = socket.recv_fds(door, LONGEST_ORDER, 4)
        except KeyboardInterrupt:
            order = b""
        if not order:
            sys.exit()
        if os.fork() == 0:
            door.close()
            _fork_and_tell(files)
            return json.loads(order)
        for file in files:
            os.close(file)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _fork_and_tell(files: list[int]) -> None:
    """Returns in a process with these files for its own; its parent says who it is, and later how it ended."""
    *standard, teller = files
    telling = socket.socket(fileno=teller)
    if pid := os.fork():
        telling.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        with suppress(OSError):
            telling.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    telling.close()
    for number, file in enumerate(standard):
        os.dup2(file, number)
        os.close(file)


def become(order: dict[str, Any]) -> None:
    """Has this process be what was ordered, but for its modules."""
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["folder"])
    sys.path[0] = order["folder"]
    sys.argv[1:] = order["command"][1:]
    sys.stdin = sys.__stdin__ = os.fdopen(0)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w")
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", errors="backslashreplace")


def end(code: object) -> None:
    """Ends as the interpreter does, but that it does not take apart what was imported: that costs as much as a run."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    if code is None or isinstance(code, int):
        os._exit(code or 0)


if __name__ == "__main__":
    order = serve()
    become(order)
    try:
        runpy.run_module(order["command"][0], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        end(ended.code)
        raise
