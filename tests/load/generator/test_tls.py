"""Certificates are verified, as they are not by Locust itself."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """One that nobody has signed, with its key."""
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    options = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(
        ["openssl", *options.split(), "-keyout", str(path), "-out", f"{path}.crt"], check=True, capture_output=True
    )
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_a_certificate_that_nobody_signed_is_not_trusted(server, generator, certificate):
    asked = server("--cert", certificate)
    run = generator("Ramp(to=20, seconds=1)").run(asked.url)
    (reason,) = run.reasons("/deals")
    assert reason.startswith("its certificate is not trusted here (self-signed certificate")
    assert asked.log() == []


def test_one_that_is_trusted_is_served(server, generator, certificate):
    run = generator("Ramp(to=20, seconds=1)", environ={"SSL_CERT_FILE": f"{certificate}.crt"}).run(
        server("--cert", certificate).url
    )
    assert run.reasons("/deals") == {""}
