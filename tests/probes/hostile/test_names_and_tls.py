"""Names that do not resolve and certificates that nobody trusts say nothing about the target."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading

import pytest

PATIENCE = 60.0


@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("redis", "redis"), ("postgres", "postgresql")])
@pytest.mark.parametrize("how", ["hangs", "fails"])
def test_a_name_that_does_not_resolve_says_nothing_about_the_target(answer, monkeypatch, kind, scheme, how):
    def look_up(*_, **__):
        if how == "fails":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        over.wait(PATIENCE)

    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    found = answer(kind, f"{scheme}://nowhere.test/x")
    over.set()
    assert found.value is None
    assert "resolve" in found.reason


@pytest.mark.parametrize(("kind", "scheme"), [("http", "https"), ("redis", "rediss")])
def test_tls_where_none_is_spoken_is_unknown(serve, answer, kind, scheme):
    found = answer(kind, f"{scheme}://127.0.0.1:{serve('no_tls')}/0")
    assert found.value is None
    assert "TLS" in found.reason


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """A server's context with a certificate that nobody trusts."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", *made, *subject], check=True, capture_output=True, timeout=120)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize(("kind", "scheme"), [("http", "https"), ("redis", "rediss")])
def test_a_certificate_that_nobody_trusts_is_unknown(serve, answer, tls, kind, scheme):
    found = answer(kind, f"{scheme}://127.0.0.1:{serve('goodbye', tls)}/0")
    assert found.value is None
    assert "certificate is not trusted here" in found.reason


def test_plain_http_to_a_tls_server_is_never_green(serve, answer, tls):
    assert answer("http", f"http://127.0.0.1:{serve('goodbye', tls)}").value is not True
