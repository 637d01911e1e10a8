"""Who may import whom: the engine's arrows go one way, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.util import resolve_name
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
ENGINE = CHECKOUT / "src" / "drillbook"

# The rooms from the ground up: each may import from itself and from those above it in this list.
LAYERS = (
    "common",
    "judging",
    "system",
    "probes",
    "doctor",
    "supervisor",
    "stack",
    "faults",
    "fixes",
    "drills",
    "load",
    "history",
    "report",
    "reference",
    "init",
    "repository",
    "arrivals",
    "__init__",  # what content imports: nothing of the engine does
    "plugin",
    "cli",
    "__main__",
)
CLIENTS = {"probes", "faults", "fixes", "drills/ledger"}
ENGINES = {"stack", "faults", "supervisor", "doctor"}
TABLES = {str(path.relative_to(ENGINE)) for path in ENGINE.glob("probes/**/table.py")} | {"probes/http/pages.py"}
LOCUST = {"arrivals.py", "load/generator"}
# Where a library may be imported; everywhere, where it is not in here.
ONLY_IN = {
    "pytest": {"plugin"},
    "_pytest": {"plugin"},
    "boto3": {"probes/aws/clients.py"},
    "botocore": {"probes/aws/clients.py", "probes/aws/failing.py"},
    "httpx": CLIENTS,
    "psycopg": CLIENTS,
    "redis": CLIENTS,
    "prometheus_client": {"probes"},
    "docker": ENGINES,
    "testcontainers": {"stack"},
    "jsonpath_rfc9535": {"system"},
    "pydantic": {"system", *TABLES},
    "typer": {"cli.py", "doctor"},
    "locust": LOCUST,
    "gevent": LOCUST,
    "geventhttpclient": LOCUST,
    "hdrh": {"load"},
    "jinja2": {"report"},
}
NOT_IN_PLUGIN = (
    "docker",
    "testcontainers",
    "locust",
    "gevent",
    "hdrh",
    "jinja2",
    "boto3",
    "botocore",
    "celery",
    "httpx",
    "jsonpath_rfc9535",
    "psycopg",
    "redis",
    "pydantic",
)


def imports(path: Path) -> set[str]:
    """Every module that `path` imports at run time, at its top or inside a function."""
    tree = ast.parse(path.read_text())
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and _is_type_checking(node)
        for inner in ast.walk(node)
    }
    nodes = [node for node in ast.walk(tree) if node not in typing_only]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def _is_type_checking(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def arrows(path: Path, known: set[str]) -> set[str]:
    """The `known` modules that `path` names anywhere: at its top, inside a function, or for its types alone."""
    nodes = [*ast.walk(ast.parse(path.read_text()))]
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            module = _of(path, node)
            inner = {f"{module}.{alias.name}" for alias in node.names}
            named |= {name if name in known else module for name in inner}
    return known & named


def _of(path: Path, node: ast.ImportFrom) -> str:
    return resolve_name("." * node.level + (node.module or ""), name_of(path.parent / "__init__.py"))


def name_of(path: Path) -> str:
    """The name that a file is imported by: from the outermost folder around it that is a package."""
    packages = [folder.name for folder in path.parents if (folder / "__init__.py").exists()]
    own = [] if path.name == "__init__.py" else [path.stem]
    return ".".join([*reversed(packages), *own])


def graph_of(paths: list[Path]) -> dict[str, set[str]]:
    """Which of these files name which others of them."""
    modules = {name_of(path): path for path in paths}
    return {name: arrows(path, {*modules}) - {name} for name, path in modules.items()}


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Files of which each leads to each other one."""
    reached = {name: _reached(graph, name) for name in graph}
    return {frozenset(other for other in reached[name] if name in reached[other]) for name in graph} - {frozenset()}


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = [*graph[start]]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += graph[name]
    return found


def part_of(module: str) -> str:
    """`drillbook.probes.http` belongs to `probes`, what `drillbook` itself hands on to `__init__`."""
    return [*module.split("."), "__init__"][1]


def is_in(path: Path, places: set[str]) -> bool:
    """Whether a file of the engine lies in one of these folders, or is one of these files."""
    return any(path.relative_to(ENGINE).is_relative_to(place) for place in places)


ALL = sorted(ENGINE.rglob("*.py"))


@pytest.fixture(scope="module")
def graph():
    """Which files of the engine, or of a system, name which others."""
    return graph_of([*ENGINE.rglob("*.py"), *(CHECKOUT / "systems").rglob("*.py")])


def test_on_top_is_only_what_the_list_of_rooms_says():
    there = {path.name.removesuffix(".py") for path in ENGINE.iterdir()} - {"__pycache__", "py.typed", "history"}
    assert there == {*LAYERS} - {"history"}


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ENGINE)))
def test_the_engines_arrows_go_one_way(path, graph):
    mine = LAYERS.index(part_of(name_of(path)))
    parts = {part_of(module) for module in graph[name_of(path)]}
    assert {part for part in parts if LAYERS.index(part) > mine} == set()


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ENGINE)))
def test_libraries_stay_where_they_belong(path):
    roots = {module.split(".")[0] for module in imports(path)}
    assert {root for root in roots & {*ONLY_IN} if not is_in(path, ONLY_IN[root])} == set()


@pytest.mark.parametrize("folder", ["checks", "chaos", "load"])
def test_content_imports_from_drillbook_only(folder):
    found = {module.split(".")[0] for path in (CHECKOUT / folder).rglob("*.py") for module in imports(path)}
    assert found <= {"drillbook"}


def test_loading_the_plugin_loads_nothing_heavy():
    code = f"import sys, drillbook.plugin; print([name for name in {NOT_IN_PLUGIN!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_rule_sees_an_import_that_breaks_it(tmp_path):
    (tmp_path / "wrong.py").write_text("def f():\n    import httpx\n    from drillbook.plugin import x\n")
    assert imports(tmp_path / "wrong.py") == {"httpx", "drillbook.plugin"}


def test_no_files_import_each_other_in_a_circle(graph):
    assert circles(graph) == set()


@pytest.mark.parametrize(
    "back",
    [
        "import house.b",
        "from house import b",
        "from house.b import x",
        "from . import b",
        "from .b import x",
        "def f():\n    from house.b import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.b import x",
    ],
)
def test_a_circle_is_seen_wherever_it_is_closed(tmp_path, back):
    house = tmp_path / "house"
    house.mkdir()
    files = {"__init__": "", "a": back, "b": "from house.c import x", "c": "import house.a\n", "d": "import house.a"}
    for name, text in files.items():
        (house / f"{name}.py").write_text(text)
    found = circles(graph_of([*house.iterdir()]))
    assert found == {frozenset({"house.a", "house.b", "house.c"})}
