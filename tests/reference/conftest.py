"""The reference image: single services of it, and the whole of deal-scout; started once, and removed at the end."""

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from drillbook.doctor import images

COMPOSE = Path(__file__).parents[2] / "systems" / "deal-scout" / "compose.yaml"
PASSWORDS = ("DEAL_SCOUT_POSTGRES_PASSWORD", "DEAL_SCOUT_ADMIN_PASSWORD", "DEAL_SCOUT_MONITOR_PASSWORD")
BELOW_EPHEMERAL = range(20000, 32000)  # a port from above may be taken while its container is dead
TOKEN_HEADER = "X-Trouble-Token"
ASK = """
import json, sys, urllib.error, urllib.request
headers, method = json.loads(sys.argv[2]), (sys.argv[3:] or ["GET"])[0]
request = urllib.request.Request("http://127.0.0.1:8000" + sys.argv[1], headers=headers, method=method)
try:
    answer = urllib.request.urlopen(request, timeout=5)  # whoever takes longer has not answered
except urllib.error.HTTPError as error:
    answer = error
body = answer.read().decode()
print(json.dumps({"status": answer.status, "body": body, "headers": dict(answer.headers.items())}))
"""


def run(*command: str, env: dict[str, str] | None = None) -> str:
    """Run a command and return its output; its error output is shown when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr[-2000:]}"
    return done.stdout.strip()


def within(seconds: float, question: Callable[[], Any]) -> Any:
    """Return the first true answer; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
    return answer


@dataclass(frozen=True)
class Alone:
    """One service of the reference image with nothing around it, asked from inside its container."""

    container: str
    page: str = "/health"

    def get(self, path: str, **headers: str) -> dict[str, Any]:
        """Return status, body and headers of one answer."""
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, **headers: str) -> dict[str, Any]:
        """Return status, body and headers of the answer to a method."""
        words = ("python", "-c", ASK, path, json.dumps(headers), method)
        answer: dict[str, Any] = json.loads(run("docker", "exec", self.container, *words))
        return answer

    def listens(self) -> bool:
        """Return whether it answers at all."""
        probe = ["docker", "exec", self.container, "python", "-c", ASK, self.page, "{}"]
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0

    def is_toured(self, *paths: str) -> bool:
        """Let a visitor go round `paths` for four seconds; return whether it says that it was served everything."""
        visit = "import sys; from standin.visitor import visit; visit('http://127.0.0.1:8000', sys.argv[1:])"
        script = 'rm -f /tmp/visited; timeout 4 python -c "$0" "$@"; test -f /tmp/visited'
        toured = ["docker", "exec", self.container, "sh", "-c", script, visit, *paths]
        return subprocess.run(toured, capture_output=True, check=False).returncode == 0


@contextmanager
def started(image: str, *command: str, options: Sequence[str] = ()) -> Iterator[str]:
    """Start a container; remove it at the end."""
    container = run("docker", "run", "--detach", "--init", *options, images.environment()[image], *command)
    try:
        yield container
    finally:
        run("docker", "rm", "--force", "--volumes", container)


@contextmanager
def start_alone(
    system: str, *module: str, page: str = "/health", network: str = "none", **environment: str
) -> Iterator[Alone]:
    """Start one service of a system, a module of its `app` and the words behind it; it answers at `page`."""
    settings = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    options = ["--network", network, "--workdir", f"/srv/{system}", *settings]
    command = ("python", "-m", *(module or ("app.api",)))
    with started("DRILLBOOK_IMAGE_REFERENCE", *command, options=options) as container:
        alone = Alone(container, page)
        within(15, alone.listens)
        yield alone


@pytest.fixture(name="start_alone", scope="module")
def start_alone_fixture() -> Iterator[Callable[..., Alone]]:
    """Start one service of a system; all that a module starts goes with it."""
    with ExitStack() as stack:
        yield lambda *words, **settings: stack.enter_context(start_alone(*words, **settings))


@pytest.fixture(scope="session")
def engine_command() -> Callable[..., str]:
    """Run a command of the engine; return its output."""
    return lambda *words: run("docker", *words)


@pytest.fixture(scope="module")
def redis_alone() -> Iterator[str]:
    """A Redis without a network: whoever shares its network finds it at 127.0.0.1."""
    with started("DRILLBOOK_IMAGE_REDIS", options=["--network", "none"]) as container:
        yield container


@pytest.fixture(scope="module")
def postgres_alone(engine_command: Callable[..., str]) -> Iterator[str]:
    """A PostgreSQL without a network, with a role and a database `audit`; at 127.0.0.1 for whoever shares it.

    `source` leads to its network too: whatever a test starts there.
    """
    names = [word for name in ("USER", "PASSWORD", "DB") for word in ("--env", f"POSTGRES_{name}=audit")]
    options = ["--network", "none", "--add-host", "source:127.0.0.1", *names]
    with started("DRILLBOOK_IMAGE_POSTGRES", options=options) as container:
        asked = ("exec", container, "sh", "-c", "pg_isready --host=127.0.0.1 --username=audit || true")
        within(60, lambda: "accepting connections" in engine_command(*asked))
        yield container


@pytest.fixture(scope="module")
def sql(engine_command: Callable[..., str], postgres_alone: str) -> Callable[..., str]:
    """Return what that PostgreSQL answers its superuser, without headings."""
    return lambda query, database="audit": engine_command(
        "exec", postgres_alone, "psql", "-U", "audit", "-d", database, "-Atqc", query
    )


@pytest.fixture(scope="module")
def beside(postgres_alone: str) -> Iterator[Callable[..., str]]:
    """Start containers beside that PostgreSQL, whose programs find it; return a container's id."""
    names = {"PGHOST": "127.0.0.1", "PGUSER": "audit", "PGPASSWORD": "audit", "PGDATABASE": "audit"}
    settings = [word for name, value in names.items() for word in ("--env", f"{name}={value}")]
    options = ["--network", f"container:{postgres_alone}", *settings]
    with ExitStack() as stack:
        yield lambda image, *command, more=(): stack.enter_context(
            started(f"DRILLBOOK_IMAGE_{image}", *command, options=[*options, *more])
        )


@pytest.fixture(scope="module")
def in_audit_app(engine_command: Callable[..., str], beside: Callable[..., str]) -> Callable[..., str]:
    """Run a command where the processes of audit-app run; return what it prints."""
    container = beside("REFERENCE", "sleep", "infinity", more=["--workdir", "/srv/audit-app"])
    return lambda *command: engine_command("exec", container, *command)


@pytest.fixture(name="within", scope="session")
def within_fixture() -> Callable[[float, Callable[[], Any]], Any]:
    """Wait for something to become true: the one place here that polls."""
    return within


@pytest.fixture(scope="module")
def alone() -> Iterator[Alone]:
    """The backend of deal-scout as it is delivered."""
    with start_alone("deal-scout") as backend:
        yield backend


@pytest.fixture(scope="module")
def troubled() -> Iterator[Alone]:
    """The backend of deal-scout as a drill starts it, with a token."""
    with start_alone("deal-scout", DEAL_SCOUT_TROUBLE="token") as backend:
        yield backend


class Stack:
    """The whole of deal-scout, under a project name of its own."""

    def __init__(self, folder: Path) -> None:
        self.project = f"drillbook-test-{os.getpid()}"
        self.ports = {"backend": (free_port(), 8000), "node-exporter": (free_port(), 9100)}
        self.token = secrets.token_hex(8)
        passwords = {name: secrets.token_hex(8) for name in PASSWORDS}
        self.env = {**os.environ, **images.environment(), **passwords, "DEAL_SCOUT_TROUBLE": self.token}
        self.override = folder / "override.yaml"
        self.override.write_text(json.dumps({"services": self._published()}))  # JSON is YAML
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{self.ports['backend'][0]}", timeout=10)

    def compose(self, *words: str) -> str:
        """Run a compose command on this project."""
        files = ("-f", str(COMPOSE), "-f", str(self.override))
        return run("docker", "compose", "-p", self.project, *files, *words, env=self.env)

    def sql(self, query: str) -> str:
        """Return what the superuser is answered, without headings."""
        return self.compose("exec", "-T", "postgres", "psql", "-U", "postgres", "-d", "deals", "-Atc", query)

    def host_metrics(self) -> str:
        """Return what the node_exporter says."""
        return httpx.get(f"http://127.0.0.1:{self.ports['node-exporter'][0]}/metrics").text

    def trouble(self, method: str, switch: str, /, **body: Any) -> dict[str, Any]:
        """Use a switch, with the token."""
        answer = self.api.request(method, switch, json=body, headers={TOKEN_HEADER: self.token})
        assert answer.status_code == 200, answer.text
        switched: dict[str, Any] = answer.json()
        return switched

    def order(self, key: str) -> httpx.Response:
        """Place an order."""
        return self.api.post("/orders", json={"deal_id": 1, "buyer": "a test", "key": key})

    def enqueue(self, key: str) -> httpx.Response:
        """Enqueue a job."""
        return self.api.post("/jobs", json={"name": "scan", "key": key})

    def is_ready(self) -> bool:
        """Return whether it says that it is ready."""
        return self.api.get("/health/ready").status_code == 200

    def has_done(self, *keys: str) -> bool:
        """Return whether a worker noted all these jobs as done."""
        answer = self.api.get("/jobs", params={"limit": 1000})
        return answer.status_code == 200 and set(keys) <= {job["key"] for job in answer.json()["jobs"]}

    def leftovers(self) -> list[str]:
        """Return the ids of what is left of this project."""
        mine = f"label=com.docker.compose.project={self.project}"
        kinds = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
        found = [run("docker", *words, "--quiet", "--filter", mine) for words in kinds]
        return [line for output in found for line in output.splitlines()]

    def _published(self) -> dict[str, Any]:
        return {name: {"ports": [f"127.0.0.1:{here}:{there}"]} for name, (here, there) in self.ports.items()}


def free_port() -> int:
    """Return a port that nobody listens on now."""
    for _ in range(100):
        port = secrets.choice(BELOW_EPHEMERAL)
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole of deal-scout, started; a test that breaks it mends it, too."""
    started = Stack(tmp_path_factory.mktemp("stack"))
    try:
        started.compose("up", "--detach", "--wait")
        yield started
    finally:
        started.compose("down", "--volumes", "--timeout", "3")
