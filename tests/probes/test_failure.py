"""An exception says that the target is down, or that we could not tell: decided in one place."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from drillbook.common.redact import keep_secret
from drillbook.probes.failure import Unresolved, classify, crashed, said


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "down", "connection refused"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "down", "connection reset"),
        (BrokenPipeError(errno.EPIPE, "x"), "down", "connection closed while we asked"),
        (OSError(errno.ETIMEDOUT, "x"), "down", "no answer to the connection"),
        (TimeoutError("no answer within 3 s"), "down", "no answer within 3 s"),
        (OSError(errno.EHOSTUNREACH, "x"), "unknown", "no route to the host"),
        (OSError(errno.ENETUNREACH, "x"), "unknown", "no route to the network"),
        (OSError(errno.EMFILE, "x"), "unknown", "this process has too many open files"),
        (socket.gaierror(socket.EAI_NONAME, "Name not known"), "unknown", "does not resolve"),
        (Unresolved("the name x did not resolve within 3 s"), "unknown", "check the name and this machine's DNS"),
        (ssl.SSLCertVerificationError("x"), "unknown", "certificate is not trusted here"),
        (ssl.SSLError("x"), "unknown", "TLS failed"),
        (caused(RuntimeError("outer"), ConnectionRefusedError(errno.ECONNREFUSED, "x")), "down", "refused"),
        (caused(ConnectionError("outer"), socket.gaierror(-2, "no name")), "unknown", "does not resolve"),
        (
            caused(
                OSError("all attempts failed"),
                ExceptionGroup("g", [OSError(errno.ENETUNREACH, "v6"), OSError(errno.ECONNREFUSED, "v4")]),
            ),
            "down",
            "connection refused",
        ),
    ],
)
def test_an_exception_is_classified_by_what_is_behind_it(error, kind, reason):
    found = classify(error)
    assert found
    assert found["kind"] == kind
    assert reason in found["reason"]


@pytest.mark.parametrize(
    ("names", "days", "known", "next_step"),
    [
        (("localhost",), -2, True, "renew it"),
        (("other.example",), 9, True, "ask it by a name that it is for"),
        (("localhost",), 9, False, "set SSL_CERT_FILE to the right CA"),
    ],
)
def test_what_to_do_about_a_certificate_depends_on_what_is_wrong_with_it(names, days, known, next_step):
    authority, ours, theirs = trustme.CA(), ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    until = datetime.now(UTC) + timedelta(days=days)
    made = authority.issue_cert(*names, not_before=until - timedelta(days=90), not_after=until)
    made.configure_cert(theirs)
    if known:
        authority.configure_trust(ours)
    assert next_step in classify(_refusal(ours, theirs))["reason"]


def _refusal(ours, theirs):
    """Why a client with the one context does not go on with a server with the other; all of it in memory."""
    sent, received = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ours.wrap_bio(received, sent, server_hostname="localhost")
    server = theirs.wrap_bio(sent, received, server_side=True)
    for side in (client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        client.do_handshake()
    return refused.value


@pytest.mark.parametrize("error", [KeyError("x"), RuntimeError("x"), ValueError("x")])
def test_what_says_nothing_about_the_connection_is_left_to_the_caller(error):
    assert classify(error) is None
    assert crashed(error) == {"kind": "unknown", "reason": f"the probe crashed: {type(error).__name__}: {error}"}


def test_a_chain_that_bites_its_tail_ends():
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__cause__, other.__cause__ = other, one
    assert classify(one) is None


def test_what_others_say_is_scrubbed_shortened_and_made_visible():
    keep_secret("geheim-geheim")
    assert said("the password geheim-geheim is wrong") == "the password *** is wrong"
    assert said("redis://:hunter2222@cache refused") == "redis://:***@cache refused"
    assert said("a\nb\tc\x1b[2J\u202e\ud800") == "a b c\\x1b[2J\\u202e\\ud800"
    assert len(said("x" * 5000)) == 300


def test_of_a_large_body_only_what_is_shown_is_looked_at(monkeypatch):
    looked = []
    monkeypatch.setattr("drillbook.probes.failure.scrub", lambda text: looked.append(len(text)) or text)
    assert said("sorry " * 200_000).startswith("sorry sorry")
    assert looked == [16_384]
