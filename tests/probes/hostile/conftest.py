"""Servers that misbehave in every way we know of, and the question that each of them is asked."""

from __future__ import annotations

import socket
import struct
import threading
import zlib
from contextlib import suppress
from itertools import count

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import measure
from drillbook.probes.postgres.noun import Postgres
from drillbook.probes.redis.noun import Redis

DEADLINE = 0.8
PATIENCE = 60.0  # what a server waits before it would give in: an answer that says "within 0.8 s" was cut off
OVER = threading.Event()
PAIR = threading.Barrier(2)
NOUNS = {"http": Http, "postgres": Postgres, "redis": Redis}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def mute(client):
    OVER.wait(PATIENCE)


def goodbye(client):
    client.recv(1000)


def reset(client):
    client.recv(1000)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(client, line=b"", drop=b"x"):
    client.sendall(line)
    while not OVER.wait(0.05):
        client.sendall(drop)


def drip_headers(client):
    drip(client, b"HTTP/1.1 200 OK\r\nX-A: ")


def drip_body(client):
    drip(client, HEAD + b"\r\n")


def endless_body(client):
    drip_fast(client, HEAD + b"\r\n", b"x" * 65536)


def endless_headers(client):
    drip_fast(client, b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"y" * 1000 + b"\r\n")


def drip_fast(client, line, drop):
    client.sendall(line)
    for _ in count():
        client.sendall(drop)


def packed(mebibytes):
    packer = zlib.compressobj(1, wbits=31)
    return b"".join([*(packer.compress(b"\0" * (1 << 20)) for _ in range(mebibytes)), packer.flush()])


BOMB = packed(100)


def gzip_bomb(client):
    client.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB)


def half_an_answer(client):
    client.recv(1000)
    client.sendall(HEAD + b"Content-Length: 100\r\n\r\nhalf")


def no_http(client):
    client.recv(1000)
    client.sendall(b"220 mail.example ESMTP ready\r\n\r\n")


def one_line(client):
    client.sendall(b"220 mail.example ESMTP ready\r\n")
    client.recv(1000)


def binary(client):
    client.sendall(bytes(range(256)) * 4)


def redirect(client):
    client.recv(1000)
    client.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")


def html(client):
    client.recv(1000)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<html>hi</html>"[:-1])


def huge_redis_reply(client):
    client.sendall(b"$2000000000\r\n")
    drip_fast(client, b"", b"x" * 65536)


def redis_array_of_arrays(client):
    drip_fast(client, b"", b"*1\r\n" * 1000)


def full_redis(client):
    client.sendall(b"-ERR max number of clients reached\r\n")


def loading_redis(client):
    client.recv(1000)
    client.sendall(b"-LOADING Redis is loading the dataset in memory\r\n")


def no_tls(client):
    client.recv(1000)
    client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def in_pairs(client):
    """Serves its health, never /0, and every other page only while another one is asked for, too."""
    path = client.recv(1000).split()[1]
    if path == b"/0":
        return mute(client)
    if path != b"/health":
        PAIR.wait(PATIENCE)
    return client.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")


@pytest.fixture
def serve():
    """Starts a server that behaves, by name, as one of the functions above; one thread a client. Gives its port."""
    listening = []
    OVER.clear()
    PAIR.reset()

    def start(behave, context=None):
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)
        threading.Thread(target=accept, args=(server, globals()[behave], context), daemon=True).start()
        return server.getsockname()[1]

    yield start
    OVER.set()
    PAIR.abort()
    for server in listening:
        server.close()


def accept(server, behave, context):
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            threading.Thread(target=attend, args=(client, behave, context), daemon=True).start()


def attend(client, behave, context):
    with suppress(OSError, threading.BrokenBarrierError), client:
        behave(context.wrap_socket(client, server_side=True) if context else client)


@pytest.fixture
def answer(a_service):
    """What the noun of a kind of service answers about the address."""

    def ask(kind, address):
        health = {"health": {"path": "/", "up": "$.ok"}} if kind == "http" else {}
        service = a_service(kind, address, deadline=f"{DEADLINE}s", **health)
        return NOUNS[kind](service, measure([service], 0.0)["backend"]).answers()

    return ask
