"""Servers that tell of their clients: some echo what they are asked, some refuse every login and say with what."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = "127.0.0.1"


class Echo(BaseHTTPRequestHandler):
    """Answers with an error that repeats the request: as JSON with `\\/`, as text, or only so many characters of it."""

    def do_GET(self):
        said = {"path": self.path, **self.headers}
        bodies = {
            "json": json.dumps({"error": said}).replace("/", "\\/"),
            "text": f"<p>{said}</p>",
            "cut": "; ".join(f"{name}={value}"[: len(name) + 24] for name, value in said.items()),
            "tail": "; ".join(value[-11:] for value in said.values()),
            "refuse": json.dumps(said),
        }
        kind = next((kind for kind in bodies if f"/{kind}" in self.path), "json")
        body = bodies[kind].encode()
        self.send_response(401 if kind == "refuse" else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


class RefusingRedis(socketserver.StreamRequestHandler):
    """Refuses whatever is sent, and repeats it."""

    def handle(self):
        while data := self.request.recv(65536):
            words = " ".join(data.decode(errors="replace").split())
            self.wfile.write(f"-ERR not with {words} and not with {words[:30]}\r\n".encode())


class RefusingPostgres(socketserver.StreamRequestHandler):
    """Asks for a password in clear text, and says that it is the wrong one."""

    def handle(self):
        startup = self._message()
        if startup[:4] == struct.pack("!I", 80877103):  # TLS is asked for
            self.wfile.write(b"N")
            startup = self._message()
        self.wfile.write(b"R" + struct.pack("!II", 8, 3))
        self.rfile.read(1)
        password = self._message().rstrip(b"\0")
        text = (
            b'password authentication failed for user "shop" with '
            + password
            + b" ("
            + startup[4:].replace(b"\0", b" ")
        )
        body = b"SFATAL\0VFATAL\0C28P01\0M" + text + b")\0\0"
        self.wfile.write(b"E" + struct.pack("!I", len(body) + 4) + body)

    def _message(self) -> bytes:
        return self.rfile.read(struct.unpack("!I", self.rfile.read(4) or b"\0\0\0\4")[0] - 4)


@contextmanager
def running() -> Iterator[dict[str, int]]:
    """The ports of all of them: `echo`, `redis`, `postgres`, `mute`, and `down`, where nobody listens."""
    with ExitStack() as stack:
        down, mute = (stack.enter_context(socket.socket()) for _ in range(2))
        for one in (down, mute):
            one.bind((HERE, 0))
        mute.listen(200)
        ports = {"down": down.getsockname()[1], "mute": mute.getsockname()[1]}
        kinds = {"redis": RefusingRedis, "postgres": RefusingPostgres}
        servers = {name: _Server((HERE, 0), handler) for name, handler in kinds.items()}
        for name, server in {**servers, "echo": ThreadingHTTPServer((HERE, 0), Echo)}.items():
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            ports[name] = server.server_address[1]
        yield ports


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 100
