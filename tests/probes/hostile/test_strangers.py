"""Something else answers, or nobody: each reading ends by its deadline, with the right kind of answer."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize(
    ("kind", "scheme", "behave", "value", "reason"),
    [
        ("redis", "redis", "mute", False, "no answer within 0.8 s"),
        ("redis", "redis", "goodbye", False, "closed the connection"),
        ("redis", "redis", "reset", False, "connection"),
        ("redis", "redis", "drip_body", None, "does not speak Redis"),
        ("redis", "redis", "html", None, "does not speak Redis"),
        ("redis", "redis", "one_line", None, "does not speak Redis"),
        ("redis", "redis", "huge_redis_reply", None, "a reply of 2000000000 bytes"),
        ("redis", "redis", "redis_array_of_arrays", None, ""),
        ("redis", "redis", "full_redis", False, "as many clients as it takes"),
        ("redis", "redis", "loading_redis", False, "loading"),
        ("postgres", "postgresql", "mute", False, "no answer within 0.8 s"),
        ("postgres", "postgresql", "goodbye", False, "closed the connection"),
        ("postgres", "postgresql", "reset", False, ""),
        ("postgres", "postgresql", "html", None, ""),
        ("postgres", "postgresql", "binary", None, ""),
        ("postgres", "postgresql", "endless_body", None, ""),
    ],
)
def test_a_server_that_is_not_what_it_should_be(serve, answer, kind, scheme, behave, value, reason):
    found = answer(
        kind, f"{scheme}://user:geheim99@127.0.0.1:{serve(behave)}/x".replace("user:", "u:" if kind != "redis" else ":")
    )
    assert (found.value, reason in found.reason) == (value, True), found.reason
    assert "geheim99" not in found.reason + found.by


@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("redis", "redis"), ("postgres", "postgresql")])
def test_nobody_listening_is_refused(answer, kind, scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = answer(kind, f"{scheme}://127.0.0.1:{port}/x")
    assert (found.value, found.reason.removeprefix("/: ")) == (False, "connection refused")
    assert found.by.startswith(f"backend 127.0.0.1:{port}")


@pytest.mark.parametrize(("kind", "behave"), [("redis", "binary"), ("postgres", "one_line")])
def test_a_stranger_that_hangs_up_is_never_green(serve, answer, kind, behave):
    scheme = "postgresql" if kind == "postgres" else kind
    assert answer(kind, f"{scheme}://127.0.0.1:{serve(behave)}/x").value is not True


@pytest.mark.parametrize("address", ["", "nonsense", "ftp://x", "http://", "http://[::1", "http://x:99999"])
@pytest.mark.parametrize("kind", ["http", "redis", "postgres"])
def test_an_address_that_is_none_is_unknown_and_no_exception(answer, kind, address):
    found = answer(kind, address)
    assert found.value is None
    assert found.reason
