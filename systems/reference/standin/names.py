"""Names, looked up within a deadline.

A stopped container has no name any more, the engine then asks the outside world, and `getaddrinfo` knows no timeout.
"""

from __future__ import annotations

import socket
import threading


def require_known(host: str, *, seconds: float) -> None:
    """Return when `host` has an address; raise OSError if it has none, or none in time."""
    known = threading.Event()
    threading.Thread(target=_look_up, args=(host, known), daemon=True, name="names").start()
    if not known.wait(seconds):
        raise TimeoutError(f"no address for {host} within {seconds} s")


def _look_up(host: str, known: threading.Event) -> None:
    """Look up in a thread that may be left behind."""
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return
    known.set()
