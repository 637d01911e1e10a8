"""What it is like to talk to a service: it answers, it refuses, or it is mute. Plain sockets, no client library."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from drillbook.stack.handle import Running

ANSWERS, REFUSES, MUTE, UNPUBLISHED = "answers", "refuses connections", "is mute", "publishes no port"
PATIENCE = 1.0
# What each kind of service answers to, whoever asks: PostgreSQL's question whether it speaks TLS needs no login.
GREETINGS = {
    "postgres": struct.pack("!ii", 8, 80877103),
    "redis": b"PING\r\n",
    "http": b"GET / HTTP/1.0\r\n\r\n",
    "host": b"GET / HTTP/1.0\r\n\r\n",
}


def dialled(running: Running, service: str) -> str:
    """How the service of that name is to talk to now: one of the four words above; Refused outside a drill."""
    declared = running.target.services.get(service)
    if declared is None or declared.kind not in GREETINGS:
        return UNPUBLISHED
    parts = urlsplit(running.dial(service).address)
    return _talk(parts.hostname or "", parts.port or 0, GREETINGS[declared.kind])


def _talk(host: str, port: int, greeting: bytes) -> str:
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as connection:
            connection.sendall(greeting)
            return ANSWERS if connection.recv(1) else REFUSES
    except TimeoutError:
        return MUTE
    except OSError:
        return REFUSES
