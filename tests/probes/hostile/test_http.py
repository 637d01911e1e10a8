"""HTTP servers that misbehave: each reading ends by its deadline, with the right kind of answer."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import measure


@pytest.mark.parametrize(
    ("behave", "value", "reason"),
    [
        ("mute", False, "no answer within 0.8 s"),
        ("goodbye", False, "closed the connection without an answer"),
        ("reset", False, "connection reset"),
        ("drip_headers", False, "no answer within 0.8 s"),
        ("drip_body", False, "no answer within 0.8 s"),
        ("half_an_answer", False, "in the middle of its answer"),
        ("endless_body", None, "answered more than 1 MiB"),
        ("endless_headers", None, "does not speak HTTP"),
        ("gzip_bomb", None, "answered compressed (gzip)"),
        ("no_http", None, "does not speak HTTP"),
        ("one_line", None, "it does not speak HTTP, it said '220 mail.example ESMTP ready"),
        ("binary", None, "does not speak HTTP"),
        ("redirect", None, "answered 302: is this really backend?"),
        ("html", None, "is not JSON"),
    ],
)
def test_an_http_server_that_misbehaves(serve, answer, behave, value, reason):
    found = answer("http", f"http://127.0.0.1:{serve(behave)}")
    assert (found.value, reason in found.reason) == (value, True), found.reason


def test_a_header_that_cannot_be_sent_shows_no_secret(serve, a_service):
    port = serve("redirect")
    service = replace(a_service("http", f"http://127.0.0.1:{port}"), headers={"X-Token": "geheim\nnoch-geheimer"})
    found = Http(service, measure([service], 0.0)["backend"]).answers()
    assert found.value is None
    assert "geheim" not in found.reason


@pytest.mark.parametrize(
    ("kind", "behave"), [("http", "endless_body"), ("http", "gzip_bomb"), ("redis", "huge_redis_reply")]
)
def test_memory_stays_small_whatever_is_sent(serve, answer, kind, behave):
    port = serve(behave)
    answer(kind, f"{kind}://127.0.0.1:{port}")
    tracemalloc.start()
    try:
        answer(kind, f"{kind}://127.0.0.1:{port}")
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()


def test_sick_pages_do_not_add_up(serve, a_service):
    """Once one hangs, the others are not begun: each would hold what serves it, and take its deadline."""
    endpoints = {f"e{number}": {"path": f"/{number}"} for number in range(5)}
    address = f"http://127.0.0.1:{serve('in_pairs')}"
    one_by_one = {"at_once": 1, "samples": 1}
    service = a_service("http", address, deadline="3s", health={"path": "/health"}, endpoints=endpoints, **one_by_one)
    noun = Http(service, measure([service], 0.0)["backend"])
    assert noun.answers().value is True
    assert {name: noun.serves(name).value for name in endpoints} == dict.fromkeys(endpoints) | {"e0": False}
    assert "not asked: /0: no answer within 3 s" in noun.serves("e4").reason
