"""How an xdist worker tells its controller what happens in a drill, while it happens: lines through a local socket.

xdist brings home reports of finished tests only, and a drill lasts a minute.
"""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOCKET = "tell.sock"


class Listener:
    """The controller's end: gives each line that a worker tells to `hear`, in threads of its own."""

    def __init__(self, folder: Path, hear: Callable[..., None]) -> None:
        self._hear = hear
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(folder / SOCKET))
        self._server.listen()
        threading.Thread(target=self._accept, daemon=True, name="drillbook-listener").start()

    def close(self) -> None:
        """Hears no more."""
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                worker, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._listen, args=(worker,), daemon=True).start()

    def _listen(self, worker: socket.socket) -> None:
        with worker, worker.makefile(encoding="utf-8") as lines:
            for line in lines:
                self._hear(**json.loads(line))


class Teller:
    """A worker's end; `who` is its name."""

    def __init__(self, folder: Path, who: str) -> None:
        self._who = who
        self._alone = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(folder / SOCKET))

    def __call__(self, kind: str, **facts: Any) -> None:
        """Tells one fact; BrokenPipeError where the controller is gone, which ends the worker too."""
        line = json.dumps({"kind": kind, "who": self._who, **facts}) + "\n"
        with self._alone:
            self._socket.sendall(line.encode())
