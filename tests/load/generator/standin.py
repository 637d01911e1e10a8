"""A small HTTP server that misbehaves as its paths say, and notes for each request how long it really took.

`python standin.py [--service LEAST MOST] [--freeze AFTER SECONDS] [--cert FILE]`: its port is its first line; once
its standard input is closed, it writes what it was asked, as one line of JSON, and ends.
"""

import argparse
import asyncio
import contextlib
import json
import random
import socket
import ssl
import struct
import sys
import time

SERVED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FAILED = b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n\xff\xfe"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nno more"
BROKEN = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nno"
NONSENSE = b"SMTP ready\r\n\r\n"
COOKIE = b"HTTP/1.1 200 OK\r\nSet-Cookie: seen=yes\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers requests, one after the other on each connection."""

    def __init__(self, options):
        self.least, self.most = (seconds / 1000 for seconds in options.service)
        self.freeze = options.freeze
        self.began = None
        self.log = []
        self.random = random.Random(1)

    async def talk(self, reader, writer):
        """One connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                came = time.monotonic()
                method, path, headers = parsed(head)
                self.began = self.began or came
                note = {"method": method, "path": path, "headers": headers, "at": came - self.began}
                note["from"] = writer.get_extra_info("peername")[1]
                self.log.append(note)
                await self.freezes(came)
                await self.answers(path, writer)
                note["took"] = time.monotonic() - came
        writer.close()

    async def freezes(self, came):
        """Holds everybody up, once."""
        if self.freeze and came - self.began >= self.freeze[0]:
            seconds, self.freeze = self.freeze[1], None
            time.sleep(seconds)

    async def answers(self, path, writer):
        """As the path says."""
        path, _, query = path.partition("?")
        if path == "/mute":
            await asyncio.sleep(3600)
        elif path == "/drips":
            await drip(writer)
        elif path == "/resets":
            reset(writer)
        elif path == "/slow":
            await asyncio.sleep(float(query))
        elif self.most:
            await asyncio.sleep(self.random.uniform(self.least, self.most))
        canned = {"/fails": FAILED, "/half": HALF, "/gzip": BROKEN, "/nonsense": NONSENSE, "/cookie": COOKIE}
        if path in ("/closes", "/resets"):
            raise ConnectionAbortedError
        to = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % query.encode()
        writer.write(to if path == "/leads" else canned.get(path, SERVED))
        if path in ("/half", "/nonsense"):
            raise ConnectionAbortedError


def parsed(head):
    """Method, path and headers of a request."""
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split()
    return method, path, dict(line.split(": ", 1) for line in lines)


async def drip(writer):
    """A byte now and then, for ever: no read takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b".")
        await asyncio.sleep(0.1)


def reset(writer):
    """Closes so that the other side is told of a reset."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def options():
    """What the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--service", nargs=2, type=float, default=(0, 0))
    parser.add_argument("--freeze", nargs=2, type=float)
    parser.add_argument("--cert")
    return parser.parse_args()


def say(what):
    """Writes a line of JSON."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def main():
    """Serves until nobody holds its standard input any more."""
    said = options()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if said.cert else None
    if tls:
        tls.load_cert_chain(said.cert)
    server = Server(said)
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=tls, backlog=2048)
    say(listening.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    say(server.log)


if __name__ == "__main__":
    asyncio.run(main())
