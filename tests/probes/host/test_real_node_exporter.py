"""A real node_exporter: disks and memory of the machine that it sees."""

from __future__ import annotations

import pytest

from drillbook.probes.host.noun import Host
from drillbook.probes.measure import measure


@pytest.fixture(scope="module")
def host(start_container, until, a_service):
    """The noun, once the exporter answers; a small volume of its own is mounted."""
    _, address = start_container("NODE_EXPORTER", port=9100, tmpfs={"/volumes/small": "size=1m"})
    service = a_service("host", f"http://{address}", name="node-exporter", mounts=["/volumes/small"])

    def read():
        return Host(service, measure([service], 0.0)["node-exporter"])

    until(lambda: read().answers().value is True)
    return read()


def test_a_machine_is_seen(host):
    assert 0 < host.memory_used().value < 100
    assert host.disk_free("/volumes/small").value == 100.0
    assert 0 < host.inodes_free("/volumes/small").value <= 100
    assert host.by.startswith("node-exporter 127.0.0.1:")
    assert "there are: " in host.disk_free("/nowhere").reason
