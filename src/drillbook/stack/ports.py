"""Ports on loopback for a stack's services, chosen once.

They lie below the range from which the kernel takes ports for outgoing connections: a port from that range can be
taken while its container is dead, and the container could not come back.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
LOWEST = 20000
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(count: int) -> list[int]:
    """`count` different ports on which nothing listens now; OSError where that many cannot be found."""
    candidates = range(min(LOWEST, _ephemeral() - 5000), _ephemeral())
    shuffled = random.SystemRandom().sample(candidates, len(candidates))
    found = [port for port in _until(count, shuffled) if port]
    if len(found) < count:
        raise OSError(f"no {count} free ports between {candidates.start} and {candidates.stop}")
    return found


def _until(count: int, candidates: list[int]) -> list[int]:
    found: list[int] = []
    for port in candidates:
        if len(found) == count:
            break
        if _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _ephemeral() -> int:
    try:
        return int(_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 32768
