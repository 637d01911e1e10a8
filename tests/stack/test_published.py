"""What answers at an address is ours while a container of ours runs there: a port is anybody's once that stopped."""

from __future__ import annotations

import secrets
import socket
from types import SimpleNamespace

import pytest

from drillbook.doctor import engine, images
from drillbook.stack.ports import LOOPBACK, free_ports
from drillbook.stack.published import is_ours
from drillbook.supervisor.owner import LABEL


@pytest.fixture
def published():
    """Starts a container with this label and name, publishing a port of loopback; removes it at the end."""
    client, made = engine.client(), []

    def start(run, name):
        [port] = free_ports(1)
        image = images.find(images.REDIS, images.on(client)).tag
        options = {"labels": {LABEL: run}, "name": name, "ports": {"6379/tcp": (LOOPBACK, port)}}
        made.append(client.containers.run(image, ["86400"], entrypoint=["sleep"], detach=True, **options))
        return made[-1], SimpleNamespace(address=f"http://{LOOPBACK}:{port}"), port

    yield start
    for container in made:
        container.remove(force=True, v=True)


def test_a_port_is_ours_while_our_container_runs_and_a_strangers_once_it_has_stopped(published):
    run = f"a-run-of-{secrets.token_hex(4)}"
    container, service, port = published(run, f"{run}-web-1")
    assert is_ours(service)
    container.stop(timeout=0)
    with socket.create_server((LOOPBACK, port)):
        assert not is_ours(service)


def test_a_label_alone_makes_nothing_ours(published):
    suffix = secrets.token_hex(4)
    _, service, _ = published(f"a-run-of-{suffix}", f"their-debugging-{suffix}")
    assert not is_ours(service)
