"""A container of a copy that writes what a test says, with the labels that `drillbook up` gives; removed at the end."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import docker
import pytest

from drillbook.common.polling import until
from drillbook.doctor import images
from drillbook.stack.local import Copy
from drillbook.stack.plan import PROJECT_LABEL, SERVICE_LABEL
from drillbook.supervisor.owner import LABEL
from drillbook.system.library import Library

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = """
[system]
name = "shop"
[stack]
compose = "compose.yaml"
[services.applog]
kind = "log"
container = "backend"
deadline = "20s"
[environments.local]
kind = "local"
[environments.staging]
kind = "staging"
"""


@dataclass
class Backend:
    """A container whose first process does nothing: what it writes is written in its place."""

    container: Any

    def write(self, *lines: str) -> None:
        """Writes lines, and waits until the engine has them."""
        self.run('printf "%s\\n" "$@"', *lines)

    def run(self, script: str, *words: str) -> None:
        """Has a shell write something, and waits until the engine has the end of it."""
        end = secrets.token_hex(8)
        self.container.exec_run(["sh", "-c", f"({script}; echo {end}) > /proc/1/fd/1", "sh", *words], user="0")
        assert until(lambda: end.encode() in self.container.logs(tail=1), within=30)


@dataclass
class Shop:
    """A system whose copy has been started in `root`, as far as labels tell."""

    root: Path
    engine: Any
    image: str
    made: list[Any]

    @property
    def library(self) -> Library:
        """The systems of that folder."""
        return Library(self.root, {})

    @property
    def labels(self) -> dict[str, str]:
        """What everything of the copy carries."""
        copy = Copy(self.library, "shop")
        return {LABEL: copy.owner, PROJECT_LABEL: copy.project}

    def start(self, service: str = "backend", labels: dict[str, str] | None = None, **options: Any) -> Backend:
        """Starts a container of the copy, or of whatever `labels` say."""
        container = self.engine.containers.run(
            self.image,
            ["sleep", "3600"],
            entrypoint=[],
            user="0",
            init=False,
            network_mode="none",
            detach=True,
            labels={**(self.labels if labels is None else labels), SERVICE_LABEL: service},
            stop_signal="SIGKILL",
            **options,
        )
        self.made.append(container)
        return Backend(container)


@pytest.fixture(scope="session")
def engine():
    """The local engine."""
    with closing(docker.from_env()) as client:
        yield client


@pytest.fixture
def shop(tmp_path, engine):
    """A system file and an engine; what is started is removed at the end."""
    folder = tmp_path / "systems" / "shop"
    folder.mkdir(parents=True)
    (folder / "system.toml").write_text(SYSTEM)
    (folder.parent / "house.toml").write_text("[limits]\n")
    made = Shop(tmp_path, engine, images.find(images.REDIS, images.on(engine)).tag, [])
    try:
        yield made
    finally:
        for container in made.made:
            container.remove(force=True, v=True)
