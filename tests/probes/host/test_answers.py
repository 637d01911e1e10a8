"""A machine's disks and memory, as its node_exporter tells them."""

from __future__ import annotations

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from drillbook.probes.host.noun import Host
from drillbook.probes.measure import measure

PAGE = """
node_filesystem_avail_bytes{mountpoint="/data",fstype="ext4"} 25
node_filesystem_size_bytes{mountpoint="/data",fstype="ext4"} 100
node_filesystem_files{mountpoint="/data",fstype="ext4"} 50
node_filesystem_files_free{mountpoint="/data",fstype="ext4"} 40
node_filesystem_avail_bytes{mountpoint="/b",fstype="btrfs"} NaN
node_filesystem_size_bytes{mountpoint="/b",fstype="btrfs"} 0
node_filesystem_files{mountpoint="/b",fstype="btrfs"} 0
node_filesystem_files_free{mountpoint="/b",fstype="btrfs"} 0
node_memory_MemAvailable_bytes 30
node_memory_MemTotal_bytes 120
"""


@pytest.fixture
def host(a_service, a_page, some_readings):
    """Makes the noun from its page."""

    def make(body=PAGE, **page):
        service = a_service("host", "http://node:9100", name="node-exporter", mounts=["/data"])
        return Host(service, some_readings({"metrics": a_page(body, **page)}))

    return make


def test_a_machine_with_room(host):
    assert host().answers().value is True
    assert host().mounts == ["/data"]
    disk = host().disk_free("/data")
    assert (disk.value, disk.unit, disk.of, disk.by) == (25.0, "%", "/data", "node-exporter 10.0.0.7:8000")
    assert host().inodes_free("/data").value == 80.0
    assert host().memory_used().value == 75.0


def test_a_mount_that_is_not_exported_is_answered_with_those_that_are(host):
    answer = host().disk_free("/volumes/pgdata")
    assert (answer.value, answer.of) == (None, "/volumes/pgdata")
    assert answer.reason == "/volumes/pgdata is not exported; there are: /b, /data"


def test_a_file_system_without_an_inode_table_is_not_applicable(host):
    assert not host().inodes_free("/b").applies


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('avail_bytes{mountpoint="/data",fstype="ext4"} 25', 'avail_bytes{mountpoint="/data",fstype="ext4"} NaN'),
        ('size_bytes{mountpoint="/data",fstype="ext4"} 100', 'size_bytes{mountpoint="/data",fstype="ext4"} 0'),
        ("node_filesystem_size_bytes", "node_fs_size_bytes"),
        ('mountpoint="/b"', 'mountpoint="/data"'),
    ],
    ids=["NaN", "size 0", "renamed", "two file systems"],
)
def test_an_odd_disk_is_no_measurement(host, old, new):
    answer = host(PAGE.replace(old, new)).disk_free("/data")
    assert answer.value is None
    assert answer.reason


@pytest.mark.parametrize(("available", "total"), [("130", "120"), ("0", "0"), ("NaN", "120")])
def test_odd_memory_is_no_measurement(host, available, total):
    body = f"node_memory_MemAvailable_bytes {available}\nnode_memory_MemTotal_bytes {total}\n"
    assert host(body).memory_used().value is None


@pytest.mark.parametrize(
    ("page", "value", "reason"),
    [
        ({"error": {"kind": "down", "reason": "connection refused"}}, False, "connection refused"),
        ({"error": {"kind": "unknown", "reason": "no DNS"}}, None, "no DNS"),
        ({"status": 503}, False, "answered 503"),
        ({"status": 404}, None, "is this a node_exporter?"),
        ({"status": 401}, None, "login refused"),
        ({"status": 429}, None, "/metrics answered 429: it is asked too often: state a budget (services.node-exporter"),
        ({"body": "http_requests_total 1\n"}, None, "without node_ metrics"),
        ({"body": "<html>"}, None, "cannot be parsed"),
    ],
)
def test_what_is_no_node_exporter_is_not_taken_for_one(host, page, value, reason):
    assert host(**page).answers().value is value
    assert reason in host(**page).answers().reason
    assert host(**page).memory_used().value is None
    assert host(**page).disk_free("/data").reason.startswith(f"host.up is {'red' if value is False else 'unknown'}")


class Proxy(BaseHTTPRequestHandler):
    """Answers for whatever machine it is asked for, and remembers how."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def proxy():
    """A proxy."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.asked = []
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_it_is_asked_with_the_headers_and_through_the_proxy_of_its_table(a_service, proxy):
    node = a_service("host", "http://node.shop.example:9100", mounts=["/data"])
    by_proxy = replace(node, headers={"Authorization": "Bearer t"}, proxy=f"http://127.0.0.1:{proxy.server_port}")
    assert Host(by_proxy, measure([by_proxy], 0.0)[node.name]).answers().value is True
    assert proxy.asked == [("http://node.shop.example:9100/metrics", "Bearer t")]
