"""Signals from a real Redis: all commands through one connection, each with an answer of its own."""

from __future__ import annotations

import pytest

from drillbook.probes.measure import cost
from drillbook.probes.redis.noun import Redis


def signal(name: str, command: str, more: str = 'high = "> 1000"') -> str:
    return f'[signals."{name}"]\nread = {{ service = "keys", command = "{command}" }}\n{more}\n'


ANSWERS = {
    "LLEN emails": 3,
    "llen emails": 3,
    "LLEN missing": 0,
    "GET depth": 17,
    "STRLEN depth": 2,
    "HGET totals paid": 3.5,
    "HLEN totals": 1,
    "ZCARD due": 2,
    "ZCOUNT due 2 10": 1,
    "SCARD missing": 0,
    "XLEN missing": 0,
    "TTL session": pytest.approx(500, abs=60),
    "PTTL session": pytest.approx(500, abs=60),
    "EXISTS depth": True,
    "EXISTS missing": False,
}
REASONS = {
    "GET missing": "there is nothing there",
    "GET words": "it is 'many', which is no number",
    "GET wordy": "it is '1_000', which is no number",
    "GET long": "it is '9999",
    "TTL missing": "there is nothing there",
    "TTL depth": "the key never expires",
    "GET emails": "GET: it answered WRONGTYPE",
}


def of_all(reader, commands):
    found = reader.observed("".join(signal(f"a.n{at}", command) for at, command in enumerate(commands)))
    return dict(zip(commands, found.values(), strict=True))


def test_each_command(of_keys):
    found = of_all(of_keys, [*ANSWERS, *REASONS])
    assert {command: found[command] for command in ANSWERS} == ANSWERS
    for command, why in REASONS.items():
        assert found[command].startswith(why), command


def test_what_a_key_grew_by_over_the_interval(of_keys, keys):
    read = '{ service = "keys", command = "GET depth" }'
    increase, rate = of_keys.grown(read, lambda: keys[2].incrby("depth", 30))
    keys[2].set("depth", "17")
    assert increase == 30
    assert 0 < rate <= 30 / 0.2


def test_all_together_cost_one_connection(of_keys, keys):
    def connections(count: int) -> int:
        before = keys[2].info()["total_connections_received"]
        target, readings = of_keys.readings("".join(signal(f"a.n{one}", "LLEN emails") for one in range(count)))
        assert readings["keys"].asked == cost(target.services["keys"]) - 2  # this Redis is part of no cluster
        return keys[2].info()["total_connections_received"] - before

    assert connections(60) == connections(1) == 3 + 1


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("DEL emails", "DEL is not among the commands that may be asked: GET, STRLEN"),
        ("LLEN", 'write "LLEN KEY"'),
        ("ZCOUNT due 1", 'write "ZCOUNT KEY MIN MAX"'),
        ("", "write a command and its key"),
        ("LLEN 'emails", "write a command and its key"),
    ],
)
def test_a_command_that_there_is_not_is_refused_when_the_file_is_read(reader, command, why):
    (line,) = reader.mistakes(signal("a.b", command))
    assert line.startswith(f"signals.a.b.read.command: {why}")


def test_the_noun_asks_the_same(of_keys):
    target, readings = of_keys.readings(signal("a.b", "LLEN emails"))
    noun = Redis(target.services["keys"], readings["keys"])
    assert noun.ask("LLEN", "emails").value == 3
    assert "FLUSHALL is not among the commands" in noun.ask("FLUSHALL").reason
    assert noun.ask("GET", "missing").reason == "there is nothing there"
    assert "WRONGTYPE" in noun.ask("GET", "emails").reason
    said = []
    noun.spend = lambda questions: said.append(questions) or "not now"
    assert noun.ask("LLEN", "emails").reason == "not now"
    assert "FLUSHALL is not among the commands" in noun.ask("FLUSHALL").reason
    assert said == [1]


def test_of_what_is_down_the_cause_is_told(reader):
    assert "redis.up is red: connection refused" in reader.observed(signal("a.b", "LLEN emails"))["a.b"]
