"""Real servers that answer all but one kind of question: that is asked ever less, and the rest as always."""

from __future__ import annotations

import logging
import socket
import threading
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from drillbook.probes import turns
from drillbook.probes.aws.noun import Aws
from drillbook.probes.measure import Meter
from drillbook.probes.postgres.noun import Postgres
from drillbook.probes.postgres.table import SqlRead
from drillbook.probes.redis.noun import Redis
from drillbook.probes.redis.table import CommandRead
from drillbook.probes.signal import Asked
from drillbook.probes.turns import Turns
from drillbook.system.signals import Signal, SignalTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.system.target import Service

EVERY = 30.0
SCRIPT = """
CREATE ROLE app LOGIN PASSWORD 'app-password'; CREATE ROLE watcher LOGIN PASSWORD 'watchers-own';
GRANT pg_monitor TO watcher
"""


@dataclass
class Relay:
    """Passes on what is said to a server, but for what holds the `word`: that it keeps to itself, and counts."""

    upstream: tuple[str, int]
    word: bytes
    asked: int = 0
    hangs: bool = True
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        self._go(self._accept)

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            server = socket.create_connection(self.upstream)
            self._go(self._pass_on, client, server, self.word)
            self._go(self._pass_on, server, client, b"")

    def _pass_on(self, giver: socket.socket, taker: socket.socket, word: bytes) -> None:
        with giver, taker:
            try:
                while said := giver.recv(1 << 16):
                    self.asked += bool(word) and word in said
                    if word and word in said and self.hangs:
                        self.over.wait(60)
                        return
                    taker.sendall(said)
            except OSError:
                return

    def _go(self, what: Callable[..., None], *parts: Any) -> None:
        threading.Thread(target=what, args=parts, daemon=True).start()


@dataclass(frozen=True)
class Case:
    """What hangs: a service that asks it, the `word` in it, what waits, what is concerned, and what is not."""

    service: Callable[[str], Service]
    word: bytes
    waits: str
    noun: type
    concerned: Callable[[Any], Any]
    rest: Callable[[Any], Any]


@pytest.fixture(scope="module")
def redis_server(start_redis):
    """Where a Redis is."""
    return start_redis()[1]


@pytest.fixture(scope="module")
def postgres_server(start_postgres):
    """Where a PostgreSQL is, with a session that only a role that sees all may see."""
    address = start_postgres(SCRIPT)[1]
    with psycopg.connect(f"postgresql://owner:owner-password@{address}/deals"):
        yield address


@pytest.fixture(scope="module")
def moto_server():
    """Where an AWS is."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    import moto.rds.models  # large: the first to ask would wait for it longer than our deadline
    from moto.server import ThreadedMotoServer

    assert moto.rds
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "{}:{}".format(*server.get_host_and_port())
    server.stop()


def signal(read: Any) -> Signal:
    return Signal("some.number", SignalTable.model_validate({"read": {"service": "backend"}, "high": "> 5"}), read)


def asked(read: Any) -> Callable[[Any], Any]:
    return lambda noun: next(iter(Asked(noun, signal(read))))


LENGTH = CommandRead(service="backend", command="LLEN jobs")
COUNT = SqlRead(service="backend", sql="SELECT count(*) AS count_of_all FROM pg_class WHERE false")
LOGIN = {"access_key": {"env": "KEY"}, "secret_key": {"env": "SECRET"}}


OTHERS = ("redis signals", "postgres signals", "aws rds")


@pytest.fixture(
    params=["redis INFO", "postgres monitor", *(pytest.param(one, marks=pytest.mark.proof) for one in OTHERS)]
)
def case(request, a_service):
    """What hangs, and where the server is."""
    kind = request.param.partition(" ")[0]
    aws = {"region": "eu-central-1", "rds": ["main"], "login": LOGIN, "deadline": "3s"}
    how = {"aws": aws, "postgres": {"deadline": "3s"}, "redis": {"deadline": "2s"}}[kind]

    def of(address: str) -> Service:
        scheme = {"redis": "redis://", "postgres": "postgresql://app:app-password@", "aws": "http://"}[kind]
        made = a_service(kind, f"{scheme}{address}{'/deals' if kind == 'postgres' else ''}", **how)
        if request.param == "postgres monitor":
            return replace(made, monitor=f"postgresql://watcher:watchers-own@{address}/deals")
        if kind == "aws":
            return replace(made, login={"access_key": "AKIADRILLBOOKTESTS09", "secret_key": "wJalrXUtnFEMI"})
        reads = {"redis signals": LENGTH, "postgres signals": COUNT}
        return replace(made, signals={"some.number": signal(read)} if (read := reads.get(request.param)) else {})

    cases = {
        "redis INFO": Case(of, b"INFO", "backend counters", Redis, Redis.memory_used, Redis.answers),
        "redis signals": Case(of, b"LLEN", "backend signals", Redis, asked(LENGTH), Redis.answers),
        "postgres monitor": Case(of, b"watcher", "backend monitor", Postgres, Postgres.longest_query, Postgres.login),
        "postgres signals": Case(of, b"count_of_all", "backend signals", Postgres, asked(COUNT), Postgres.login),
        "aws rds": Case(of, b"DescribeDBInstances", "backend rds", Aws, lambda noun: noun.databases()[0], Aws.answers),
    }
    return cases[request.param], request.getfixturevalue(f"{'moto' if kind == 'aws' else kind}_server")


def test_it_is_asked_ever_less_and_the_rest_as_always(case, monkeypatch):
    case, address = case
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=lambda: clock.now))
    host, _, port = address.partition(":")
    relay, roster = Relay((host, int(port)), case.word), Turns(EVERY)
    service = case.service(relay.address)
    meter, rounds, told = Meter([service], 0.0, roster), [], []
    for number in range(1, 6):
        before = relay.asked
        noun = case.noun(service, meter.measure()["backend"])
        rounds += [number] * (relay.asked - before)
        assert case.rest(noun).value is True
        told.append(case.concerned(noun))
        clock.now += EVERY
    assert rounds == [1, 2, 4]
    assert {one.value for one in told} == {None}
    assert all("no answer within" in one.reason for one in told), [one.reason for one in told]
    assert roster.lines == [f"{case.waits} is mute: asked again in {gap} s" for gap in (30, 60, 120)]
    relay.hangs = False
    clock.now += 2 * EVERY
    meter.measure()
    answered = case.concerned(case.noun(service, meter.measure()["backend"]))
    assert "no answer" not in answered.reason
    assert relay.asked >= 5, "it is asked as always"
    relay.over.set()
    relay.listening.close()
