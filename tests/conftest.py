"""What tests of whole runs share: a small project of their own, and pytest run in it as a user would."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from drillbook.common import redact
from drillbook.common.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Iterator

# Every check would load it, too, were it not left out in pyproject.toml.
pytest_plugins = ("_hypothesis_pytestplugin",)

# The same examples every time: what passes on one machine passes on the next. `make fuzz` looks for new ones.
hypothesis.settings.register_profile("fuzz", deadline=None)
hypothesis.settings.load_profile("ci")

# Hundreds of tests start a Python: without bytecode each of them would compile all that it imports.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# What CI services and terminals set, by which pytest and typer print otherwise: colours, widths, what is cut short.
PRINTING = ("CI", "BUILD_NUMBER", "GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS", "NO_COLOR", "COLUMNS", "TERMINAL_WIDTH")
for name in PRINTING:
    os.environ.pop(name, None)

CHECKOUT = Path(__file__).parents[1]
# Who starts us in the background has us ignore signals (`nohup`, `&`): we go on doing so, but programs that we start
# inherit what is ignored, and tests send them signals. What has a handler here is not ignored there.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)

TIMES = "--times"

LEFT_OUT = ("locust", "hypothesispytest", "anyio", "cacheprovider")  # as the checkout leaves them out
PYPROJECT = f"""
[tool.pytest]
addopts = {json.dumps(["--import-mode=importlib", *(f"-pno:{name}" for name in LEFT_OUT)])}
testpaths = ["tests"]
"""
LATE = "left on time: the load generator could not keep up"
OURS = ("DRILLBOOK_", "DEAL_SCOUT_", "SHOP_", "PYTEST_", "COMPOSE_")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds what `make repeated` has the tests of the real copy do."""
    words = "how often the tests of the real copy come in turn, on one copy; more than once: with every core kept busy"
    parser.addoption(TIMES, type=int, default=1, help=words)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts first what takes longest."""
    items.sort(key=beside("spread").rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object | None:
    """What says which worker takes which test."""
    return beside("spread").Spread(config, log) if config.getvalue("dist") == "loadfile" else None


def plugins(*arguments: str) -> dict[str, str]:
    """What has pytest start with the plugins that a run needs, and none of the others that are installed here.

    In the environment, where workers and the watch of a drill find it as well.
    """
    needed = ["drillbook.plugin", *(["xdist.plugin"] if "-n" in arguments else [])]
    return {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": ",".join(needed)}


def beside(name: str) -> Any:
    """The module of that name in this folder."""
    spec = importlib.util.spec_from_file_location(f"tests_{name}", CHECKOUT / "tests" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def warm() -> Any:
    """What runs programs without importing anew what they need."""
    return beside("warm").Warm()


@dataclass
class Ran:
    """What a command came to: its exit code and everything it said."""

    code: int
    said: str


@dataclass
class Project:
    """A folder with `systems/` and `checks/`, like a checkout; what runs in it is run `under` another program."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    checkout: Path = CHECKOUT
    under: tuple[str, ...] = ()

    def write(self, path: str, text: str) -> None:
        """Writes a file of the project; its bytecode goes, which would pass for newer where both are equally long."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)
        shutil.rmtree((self.root / path).parent / "__pycache__", ignore_errors=True)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces what must be there."""
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def run(
        self,
        *command: str,
        seconds: float = 300,
        environ: dict[str, str] | None = None,
        cold: bool = False,
        **options: object,
    ) -> Ran:
        """Runs a program of this Python's environment in the project: a warm one, where nothing is said of how."""
        environ = {**self.inherited(), **self.environ, **(environ or {})}
        if not (cold or self.under or options):
            return Ran(*warm().run(command, self.root, environ, seconds))
        done = subprocess.run(
            [*self.under, sys.executable, "-m", *command],
            cwd=self.root,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
            **options,
        )
        return Ran(done.returncode, done.stdout)

    def pytest(self, *arguments: str, environ: dict[str, str] | None = None, **options: object) -> Ran:
        """Runs pytest in the project."""
        return self.run("pytest", *arguments, environ={**plugins(*arguments), **(environ or {})}, **options)

    def load(self, *arguments: str, **options: object) -> Ran:
        """Runs profiles, and again where this machine was too busy to send in time: five times at most."""
        for _ in range(5):
            ran = self.pytest(*arguments, **options)
            if LATE not in ran.said:
                break
        return ran

    def drillbook(self, *arguments: str, **options: object) -> Ran:
        """Runs the command `drillbook` in the project."""
        return self.run("drillbook", *arguments, seconds=600, **options)

    def inherited(self) -> dict[str, str]:
        """This process's environment, but for what would reach a run: the images alone are the machine's."""
        ours = {name for name in os.environ if name.startswith(OURS) and not name.startswith("DRILLBOOK_IMAGE_")}
        return {name: value for name, value in os.environ.items() if name not in ours}

    def journal(self) -> list[dict[str, object]]:
        """The lines of the newest run's journal."""
        text = (self.root / "reports" / "latest" / "journal.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def verdicts(self) -> dict[str, str]:
        """The newest run's verdicts, by what was judged."""
        lines = [line for line in self.journal() if line["kind"] == "verdict"]
        return {f"{line['name']}({line['of']})" if line["of"] else line["name"]: line["verdict"] for line in lines}


def make_project(root: Path) -> Project:
    """An empty project in `root` that shares nothing with the checkout but the house defaults."""
    made = Project(root)
    made.write("pyproject.toml", PYPROJECT)
    made.write("systems/house.toml", (CHECKOUT / "systems" / "house.toml").read_text())
    return made


@pytest.fixture(autouse=True)
def _nothing_is_secret_yet(monkeypatch):
    """Each test begins with nothing to hide: what another one kept secret would be masked in its words."""
    monkeypatch.setattr(redact, "_remembered", Runs())
    monkeypatch.setattr(redact, "_kept", set())
    monkeypatch.setattr(redact, "_names", set())
    monkeypatch.setattr(redact, "_names_together", "")
    redact._known.cache_clear()


@pytest.fixture
def project(tmp_path):
    """An empty project of the test's own."""
    return make_project(tmp_path)


@pytest.fixture(scope="session")
def project_in():
    """Makes an empty project in a given folder."""
    return make_project


@pytest.fixture
def served():
    """Serves pages as JSON: `served(pages)` gives the URL at which each path has what the dictionary says by then."""
    with ExitStack() as running:
        yield lambda pages: running.enter_context(_serving(pages))


@contextmanager
def _serving(pages: dict[str, object]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(json.dumps(pages.get(self.path)).encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="session")
def snippets_of():
    """The snippets of a page that are files, by path: the first line of each names it."""

    def found(page: Path) -> dict[str, str]:
        texts = [textwrap.dedent(text) for _, text in FENCE.findall(page.read_text())]
        named = [(re.match(r"# (\S+\.(?:toml|py))\n", text), text) for text in texts]
        return {name[1]: text for name, text in named if name}

    return found


@pytest.fixture(scope="session")
def busy():
    """Keeps the machine busy: `with busy(8):` has eight processes compute meanwhile, without it two for each core."""
    return beside("busy").busy
