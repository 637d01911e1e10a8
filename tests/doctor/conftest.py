"""Real containers for the contract tests, removed whatever happens, and fakes for the decisions."""

import io
import os
import shlex
import subprocess
import tarfile
import time
import uuid
from contextlib import suppress

import pytest

from drillbook.doctor import engine, images
from drillbook.doctor.machine import Machine

LABEL = "drillbook.test"


@pytest.fixture(scope="session")
def docker_client():
    client = engine.connect()
    yield client
    client.close()


@pytest.fixture(scope="session")
def image(docker_client):
    """Return the tag that serves under an image's name; fails where none does."""

    def tag(name):
        found = images.find(next(each for each in images.needed() if each.name == name), images.on(docker_client))
        assert found, f"no image for {name}: run `drillbook doctor --fix`"
        return found.tag

    return tag


@pytest.fixture(scope="module")
def run_container(docker_client):
    """Start labelled containers, with files put in before the start; all are removed afterwards."""
    run = uuid.uuid4().hex

    def start(image, command=None, *, files=None, port=None, **options):
        ports = {f"{port}/tcp": ("127.0.0.1", None)} if port else None
        container = docker_client.containers.create(image, command, labels={LABEL: run}, ports=ports, **options)
        if files:
            container.put_archive("/", packed(files))
        container.start()
        container.reload()
        return container

    try:
        yield start
    finally:
        for container in docker_client.containers.list(all=True, filters={"label": f"{LABEL}={run}"}):
            container.remove(force=True, v=True)


@pytest.fixture(scope="session")
def inside():
    """Run a command in a container and return what it says; by docker's own program, for the SDK can lose words."""

    def run(container, command):
        words = ["docker", "exec", container.id, *shlex.split(command)]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    return run


@pytest.fixture(scope="session")
def until():
    """Ask again until the answer is true; the one place in these tests that sleeps."""

    def wait(question, seconds=60.0):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(Exception):
                if answer := question():
                    return answer
            time.sleep(0.05)
        pytest.fail(f"not within {seconds} s")

    return wait


@pytest.fixture
def said(capsys):
    """Return what the doctor has said so far."""
    return lambda: capsys.readouterr().out


@pytest.fixture
def machine():
    """Return a machine, a Debian server with us as root unless said otherwise."""

    def make(**facts):
        usual = {"distribution": "debian", "codename": "bookworm", "root": True, "systemd": False, "terminal": False}
        return Machine(**{**usual, **facts})

    return make


@pytest.fixture(autouse=True)
def no_overrides_but_those_of_the_test(request, monkeypatch):
    """Decisions are tested without the variables of the machine; contracts hold for what they name."""
    if "docker_client" not in request.fixturenames:
        for name in [name for name in os.environ if name.startswith(("DRILLBOOK_IMAGE_", "DOCKER_"))]:
            monkeypatch.delenv(name)


def packed(files):
    """Return files as an archive: {path: text or bytes}, readable by everybody."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
