"""A real Redis over TLS and a real Sentinel, asked through the addresses that applications have."""

from __future__ import annotations

import io
import subprocess
import tarfile
from dataclasses import replace

import pytest

from drillbook.probes.celery.noun import Queue
from drillbook.probes.measure import Readings, measure
from drillbook.probes.redis.address import understood
from drillbook.probes.redis.noun import Redis
from drillbook.probes.tls.others import Certificate

SENTINEL = "sentinel monitor mymaster 127.0.0.1 {master} 1"
READY = "until test -f ready; do sleep 0.05; done; "


def archive(**files):
    """The files as a tar archive."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in files.items():
            one = tarfile.TarInfo(name)
            one.size, one.mode = len(content), 0o644
            tar.addfile(one, io.BytesIO(content))
    return data.getvalue()


@pytest.fixture(scope="module")
def own_tls(tmp_path_factory):
    """A key, and a certificate that only it has signed."""
    folder = tmp_path_factory.mktemp("tls")
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", folder / "key", "-out", folder / "own"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", *made, *subject], check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def over_tls(start_container, own_tls, until):
    """The `HOST:PORT` of a Redis that speaks TLS alone."""
    import redis

    serves = "exec redis-server --port 0 --tls-port 6379 --tls-key-file key --tls-cert-file own --tls-auth-clients no"
    container, address = start_container(
        "REDIS", "sh", "-c", f"{READY}{serves} --tls-ca-cert-file own --requirepass pw", port=6379, working_dir="/data"
    )
    container.put_archive("/data", archive(key=(own_tls / "key").read_bytes(), own=(own_tls / "own").read_bytes()))
    container.put_archive("/data", archive(ready=b""))

    def is_ready():
        try:
            with redis.Redis.from_url(f"rediss://:pw@{address}?ssl_cert_reqs=none") as client:
                return client.ping()
        except redis.ConnectionError:
            return False

    until(is_ready)
    return address


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("ssl_cert_reqs=CERT_NONE", True),
        ("ssl_cert_reqs=none&visibility_timeout=3600", True),
        ("ssl_cert_reqs=CERT_REQUIRED&ssl_ca_certs={own}", True),
        ("ssl_cert_reqs=required", None),
    ],
)
def test_a_certificate_is_checked_as_celerys_address_says(a_service, over_tls, own_tls, query, value):
    written = f"rediss://:pw@{over_tls}/0?{query.format(own=own_tls / 'own')}"
    service = a_service("redis", understood(written).address, samples=1)
    answer = Redis(service, measure([service], 0.0)["backend"]).answers()
    assert answer.value is value, answer.reason
    assert value or "certificate is not trusted here" in answer.reason


def test_its_certificate_is_looked_at_whatever_the_address_says_of_checking_it(a_service, over_tls):
    service = a_service("redis", f"rediss://:pw@{over_tls}/0?ssl_cert_reqs=none", samples=1)
    noun = Redis(replace(service, certificate=f"tls://{over_tls}"), Readings({}, {}, 0.0, 0))
    noun.readings = measure([noun.service], 0.0)["backend"]
    assert noun.answers().value is True
    left = Certificate(noun).judged("tls.days_left")
    assert (1 < left.value < 2, left.unit, left.service) == (True, "days", "backend")
    others = [Certificate(noun).judged(one) for one in ("tls.chain", "tls.name")]
    assert {(one.value, one.applies) for one in others} == {(None, False)}, "the address says that it is not checked"


@pytest.fixture(scope="module")
def sentinel(start_container, until):
    """The `HOST:PORT` of a real Sentinel."""
    import redis

    starts = f"echo '{SENTINEL.format(master=6379)}' > s.conf; exec redis-server s.conf --sentinel --port 26379"
    _, address = start_container("REDIS", "sh", "-c", f"{starts} --protected-mode no", port=26379, working_dir="/tmp")

    def is_ready():
        try:
            with redis.Redis.from_url(f"redis://{address}") as client:
                return client.ping()
        except redis.ConnectionError:
            return False

    until(is_ready)
    return address


def test_a_sentinel_is_not_the_server_that_it_watches(a_service, sentinel):
    service = a_service("redis", f"redis://{sentinel}/0", name="cache")
    found = Redis(service, measure([service], 0.05)["cache"])
    assert found.answers().value is None
    assert found.answers().reason == 'this is a Sentinel: give the address of its master "mymaster" (127.0.0.1:6379)'
    for answer in (found.ping(), found.writable(), found.memory_used(), found.persistence(), found.hit_rate()):
        assert answer.value is None
        assert "this is a Sentinel" in answer.reason


def test_a_broker_that_is_a_sentinel_is_said_to_be_one(a_service, sentinel):
    service = a_service("celery", f"redis://{sentinel}/0", name="jobs", broker="broker")
    found = Queue(service, measure([service], 0.05)["jobs"])
    assert "it knows no LLEN: a Sentinel, or a proxy" in found.depth().reason
