"""Exits 0 if the API on this machine says that it is ready: the engine's health check, without curl.

Its page is `/health/ready`, or the one that the command line names.

A bare socket, for it runs every few seconds and an HTTP client takes longer to import than to answer.
"""

import socket
import sys

READY = "/health/ready"


def status_line(port: int, path: str) -> bytes:
    """Return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return connection.recv(64).split(b"\r\n")[0]


if __name__ == "__main__":
    sys.exit(b" 200 " not in status_line(8000, [*sys.argv[1:], READY][0]))
