"""Real certificates at real ports: each that is not good is told apart from one that is."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading

import pytest
import trustme

from drillbook.probes.measure import measure
from drillbook.probes.tls import reading
from drillbook.probes.tls.noun import Tls

HOST = "127.0.0.1"
NOW = datetime.datetime.now(datetime.UTC)
OVER = threading.Event()


def days(count):
    return NOW + datetime.timedelta(days=count, hours=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """One that signs, its certificate in a file."""
    made = trustme.CA()
    made.file = tmp_path_factory.mktemp("tls") / "ca.pem"
    made.cert_pem.write_to_path(made.file)
    return made


@pytest.fixture
def trusted(authority, monkeypatch):
    """The same, trusted by this machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


@pytest.fixture
def serve():
    """Serves clients, one after the other, with a function of the socket; gives the port."""
    with contextlib.ExitStack() as listening:
        OVER.clear()

        def start(attend):
            server = listening.enter_context(socket.create_server((HOST, 0)))
            threading.Thread(target=accept, args=(server, attend), daemon=True).start()
            return server.getsockname()[1]

        yield start
        OVER.set()


def accept(server, attend):
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with contextlib.suppress(OSError), client:
            attend(client)


def by_tls(certificate):
    """Shakes hands with this certificate, and waits for the goodbye."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def attend(client):
        with context.wrap_socket(client, server_side=True) as layer:
            layer.recv(1)

    return attend


@pytest.fixture
def tls(a_service):
    """What is found at a port."""

    def look(port, deadline="20s"):
        service = a_service("tls", f"tls://{HOST}:{port}", name="shop", deadline=deadline)
        return Tls(service, measure([service], 0.0)["shop"])

    return look


def answers(noun):
    return noun.answers(), noun.trusted(), noun.named(), noun.days_left()


def test_a_good_certificate_costs_one_handshake(serve, tls, trusted):
    noun = tls(serve(by_tls(trusted.issue_cert(HOST, not_after=days(40)))))
    up, chain, name, left = answers(noun)
    assert (up.value, chain.value, name.value) == (True, True, True)
    assert 40 <= left.value < 41
    assert left.unit == "days"
    assert noun.readings.asked == 1
    assert up.by.startswith("shop 127.0.0.1:")


def shy(certificate):
    """As a server that serves some names alone, and not ours."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return context


def old(_certificate):
    """As a server that speaks TLS 1.1 at most."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize(
    ("server", "step"),
    [(shy, "ask it by the name that it is for"), (old, "it speaks no TLS that is safe: have it speak 1.2 or 1.3")],
)
def test_a_handshake_that_fails_says_what_to_do(serve, tls, trusted, server, step):
    context = server(trusted.issue_cert(HOST))

    def attend(client):
        with context.wrap_socket(client, server_side=True) as layer:
            layer.recv(1)

    answer = tls(serve(attend)).answers()
    assert answer.value is None
    assert answer.reason.startswith("TLS failed: TLSV1_")
    assert answer.reason.endswith(step)


@pytest.mark.parametrize(
    ("named", "times", "chain", "why", "name", "left"),
    [
        (HOST, {"not_after": days(-2)}, False, "certificate has expired", True, -2),
        (HOST, {"not_before": days(2), "not_after": days(9)}, False, "certificate is not yet valid", True, 9),
        ("other.example", {"not_after": days(40)}, True, "", False, 40),
        ("other.example", {"not_after": days(-2)}, False, "certificate has expired", False, -2),
    ],
    ids=["expired", "not yet valid", "another name", "another name and expired"],
)
def test_each_thing_is_judged_by_itself(serve, tls, trusted, named, times, chain, why, name, left):
    times = {"not_before": days(-9)} | times
    up, trust, host, until = answers(tls(serve(by_tls(trusted.issue_cert(named, **times)))))
    assert up.value is True
    assert (trust.value, trust.reason) == (chain, why)
    assert host.value is name
    assert name or host.reason == "its certificate is not for 127.0.0.1"
    assert left <= until.value < left + 1


class Lonely(trustme.CA):
    """Serves with the authority's own certificate, for one that nobody signed."""

    def configure_cert(self, context):
        key, certificate = self.private_key_pem, self.cert_pem
        with key.tempfile() as one, certificate.tempfile() as other:
            context.load_cert_chain(other, one)


def test_a_certificate_that_signed_itself_is_not_trusted(serve, tls, trusted):
    _, trust, host, _ = answers(tls(serve(by_tls(Lonely()))))
    assert (trust.value, trust.reason) == (False, "self-signed certificate")
    assert host.value is False


def test_an_authority_that_is_not_known_here_may_be_our_own_fault(serve, tls, trusted):
    up, trust, host, left = answers(tls(serve(by_tls(trustme.CA().issue_cert(HOST, not_after=days(40))))))
    assert (up.value, host.value) == (True, True)
    assert trust.value is None
    assert "set SSL_CERT_FILE to the right CA" in trust.reason
    assert left.value > 40


def test_without_a_trust_store_nobody_can_be_told(serve, tls, authority, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    trust = tls(serve(by_tls(authority.issue_cert(HOST)))).trusted()
    assert (trust.value, trust.reason) == (None, "SSL_CERT_FILE names no file")


def test_an_empty_trust_store_is_said(monkeypatch, tmp_path):
    nothing = ssl.DefaultVerifyPaths(None, str(tmp_path), "", "", "", "")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nothing)
    assert "install ca-certificates" in reading._without_a_store("")


def mute(_client):
    OVER.wait(60)


def another_protocol(client):
    client.sendall(b"220 mail.example ESMTP ready\r\n")
    client.recv(1000)


def goodbye(client):
    client.recv(1000)


@pytest.mark.parametrize(
    ("attend", "value", "reason"),
    [
        (mute, False, "no answer within 2 s"),
        (another_protocol, None, "it does not speak TLS from the first byte"),
        (goodbye, False, "it closed the connection"),
    ],
)
def test_what_shakes_no_hands(serve, tls, attend, value, reason):
    noun = tls(serve(attend), deadline="2s")
    up, *others = answers(noun)
    assert up.value is value
    assert reason in up.reason
    assert [one.value for one in others] == [None] * 3
    assert all(one.because == "tls.up" for one in others)


def test_nobody_there(a_port, tls):
    up = tls(a_port()).answers()
    assert (up.value, up.reason) == (False, "connection refused")
