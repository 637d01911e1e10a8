"""Documents made of small compose files, and a real stack of a user's that copies are started beside."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest

from drillbook.doctor import images
from drillbook.stack.document import make_document, without
from drillbook.stack.ground import Ground
from drillbook.stack.marks import Marks
from drillbook.stack.mounts import Mounts
from drillbook.stack.plan import Plan

GROUND = Ground((Path("/run/docker.sock"), Path("/var/run/docker.sock")), Path("/var/lib/docker"), (Path("/"),))
MARKS = Marks("drillbook-shop-1", {"drillbook": "a-run", "drillbook.owner": "somebody"})


@pytest.fixture
def document(tmp_path):
    """Makes a document of a whole file; contents, what is left out, sizes and ground as the test says."""

    def make(config, *, contents=None, leave_out=(), sizes=None, ground=GROUND, ports=None):
        whole = {"name": MARKS.project, "networks": {"default": {"name": f"{MARKS.project}_default"}}, **config}
        mounts = Mounts(ground, contents or {}, tmp_path, tmp_path / "private")
        return make_document(without(whole, leave_out), MARKS, Plan({}, ports or {}, {}), mounts, sizes=sizes)

    return make


@pytest.fixture
def service(document):
    """What becomes of one service, called `web`, and what is said of it; `more` is the rest of the file."""

    def make(declared, *, more=None, **options):
        base = {"image": "redis:7", "networks": {"default": None}}
        made = document({"services": {"web": {**base, **declared}}, **(more or {})}, **options)
        return made.content["services"]["web"], made

    return make


COMPOSE = """
name: NAME
services:
  redis:
    image: ${DRILLBOOK_IMAGE_REDIS:-redis:7}
    container_name: NAME-redis
    command: ["redis-server", "--bind", "0.0.0.0", "--requirepass", "${SHOP_PASSWORD}", "--save", "", "--dir", "/data"]
    volumes: ["data:/data"]
    networks: [dev]
    restart: unless-stopped
    labels: {their.proxy: "on"}
    healthcheck: {test: ["CMD-SHELL", "redis-cli -a ${SHOP_PASSWORD} ping | grep -q PONG"], interval: 1s, retries: 30}
  web:
    build: .
    image: NAME:1
    init: true
    environment: {PRICE: "a$$b"}
    command: ["sh", "-c", "/break-it; echo $$PRICE > /tmp/price; exec sleep 600"]
    volumes: ["./userdata:/userdata", "./one.conf:/one.conf", "./site:/site:ro", "data:/seen", "./none:/none", "m1:/m"]
    networks: [dev]
    healthcheck: {test: ["CMD", "test", "-f", "/tmp/price"], interval: 1s, retries: 30}
  once:
    image: ${DRILLBOOK_IMAGE_REDIS:-redis:7}
    entrypoint: ["true"]
  other:
    image: redis:6.2
    profiles: [more]
  monitor:
    image: ${DRILLBOOK_IMAGE_REDIS:-redis:7}
    profiles: [more]
    privileged: true
    pid: host
    volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
  frontend:
    image: registry.invalid/frontend:1
    depends_on: [web]
volumes:
  data: {external: true, name: NAME-data}
  m1: {driver_opts: {type: tmpfs, o: "size=1m,bind", device: FOLDER/userdata}}
networks:
  dev: {external: true, name: NAME-dev}
"""
BREAK_IT = """#!/bin/sh
echo written >> /userdata/tracked.txt
rm -f /userdata/gone.txt
chown -R 65534:65534 /userdata /seen
chmod -R 700 /userdata
echo written > /one.conf
echo written > /seen/mark
echo written > /none/mark
echo written > /m/mark
! echo written > /site/index.html
"""


@dataclass
class Theirs:
    """The user's compose project: its folder, and what names all of it."""

    client: Any
    folder: Path
    name: str = field(default_factory=lambda: f"theirs-{secrets.token_hex(4)}")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    def write(self) -> None:
        """Writes their files: a folder with data, a Dockerfile, an env file."""
        for folder in ("userdata/deep", "site"):
            (self.folder / folder).mkdir(parents=True)
        (self.folder / "userdata" / "tracked.txt").write_text("tracked\n")
        (self.folder / "userdata" / "gone.txt").write_text("not yet\n")
        (self.folder / "userdata" / "deep" / "link").symlink_to("../tracked.txt")
        (self.folder / "userdata" / "tracked.txt").chmod(0o640)
        os.utime(self.folder / "userdata" / "tracked.txt", (10**9, 10**9))
        (self.folder / "one.conf").write_text("one\n")
        (self.folder / "site" / "index.html").write_text("<p>theirs")
        (self.folder / ".env").write_text(f"SHOP_PASSWORD={self.password}\n")
        (self.folder / "break-it").write_text(BREAK_IT)
        (self.folder / "break-it").chmod(0o755)
        (self.folder / "Dockerfile").write_text(f"FROM {self.image}\nCOPY break-it /break-it\n")
        (self.folder / ".dockerignore").write_text("*\n!break-it\n")
        compose = COMPOSE.replace("NAME", self.name).replace("FOLDER", str(self.folder))
        (self.folder / "compose.yaml").write_text(compose)

    @property
    def image(self) -> str:
        """The Redis that is here."""
        return images.find(images.REDIS, images.on(self.client)).tag

    def start(self) -> None:
        """Starts their own: the volume, the network and the image exist before, and Redis has a key."""
        self.client.volumes.create(f"{self.name}-data")
        self.client.networks.create(f"{self.name}-dev")
        self.compose("up", "--detach", "--no-deps", "--wait", "redis")
        self.compose("build", "web")
        self.client.containers.run(
            self.image, ["sleep", "3600"], entrypoint=[], name=f"{self.name}-client", network=f"{self.name}-dev",
            detach=True, init=True,
        )  # fmt: skip
        self.redis("SET", "whose", "theirs")

    def compose(self, *words: str) -> None:
        """Their own docker compose."""
        environ = {**os.environ, "DRILLBOOK_IMAGE_REDIS": self.image}
        subprocess.run(
            ["docker", "compose", *words], cwd=self.folder, env=environ, check=True, capture_output=True, timeout=120
        )

    def redis(self, *words: str) -> str:
        """What `redis` on their network answers to their own client."""
        command = ["redis-cli", "--no-auth-warning", "-a", self.password, "-h", "redis", *words]
        return say_in(f"{self.name}-client", *command)

    def remove(self) -> None:
        """Removes their own again."""
        for name in (f"{self.name}-client", f"{self.name}-redis"):
            for container in self.client.containers.list(all=True, filters={"name": f"^{name}$"}):
                container.remove(force=True, v=True)
        for network in self.client.networks.list(names=[f"{self.name}-dev", f"{self.name}_default"]):
            network.remove()
        for volume in self.client.volumes.list(filters={"name": self.name}):
            volume.remove()
        for image in self.client.images.list(f"{self.name}:1"):
            self.client.images.remove(image.id, force=True)

    def all(self) -> dict[str, Any]:
        """All there is of theirs, to be compared: ids, start times, and every byte, owner, mode and time of files."""
        containers = self.client.containers.list(all=True, filters={"name": f"^{self.name}-"})
        network = self.client.networks.get(f"{self.name}-dev").attrs
        return {
            "containers": {one.name: _container(one) for one in containers},
            "network": network,
            "volume": (self.client.volumes.get(f"{self.name}-data").attrs, self._packed()),
            "images": [(one.id, one.tags) for one in self.client.images.list(self.name)],
            "files": {str(path): _described(path) for path in sorted(self.folder.rglob("*"))},
            "redis": (self.redis("KEYS", "*"), self.redis("GET", "whose")),
        }

    def _packed(self) -> str:
        place = {f"{self.name}-data": {"bind": "/v", "mode": "ro"}}
        made = self.client.containers.create(self.image, volumes=place, network_mode="none")
        try:
            return hashlib.sha256(b"".join(made.get_archive("/v")[0])).hexdigest()
        finally:
            made.remove(v=True)


def say_in(container: str, *command: str) -> str:
    """What a command in that container says; by docker's own program, for the SDK can lose what quick ones say."""
    done = subprocess.run(["docker", "exec", container, *command], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _container(one: Any) -> tuple[Any, ...]:
    state = {key: value for key, value in one.attrs["State"].items() if key != "Health"}
    return one.id, state, one.attrs["Mounts"], one.attrs["NetworkSettings"]["Networks"], one.attrs["RestartCount"]


def _described(path: Path) -> tuple[Any, ...]:
    found = path.lstat()
    content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    return found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns, found.st_ino, content


@pytest.fixture(scope="module")
def engine():
    """The local engine."""
    with closing(docker.from_env()) as client:
        yield client


@pytest.fixture(scope="module")
def redis_image(engine):
    """The Redis image that is here."""
    return images.find(images.REDIS, images.on(engine)).tag


@pytest.fixture(scope="session")
def hear():
    """Hears what a command in a container says."""
    return say_in


@pytest.fixture(scope="module")
def theirs(engine, tmp_path_factory):
    """The user's own stack, up; removed at the end, whatever happened."""
    made = Theirs(engine, tmp_path_factory.mktemp("theirs"))
    made.write()
    try:
        made.start()
        yield made
    finally:
        made.remove()
