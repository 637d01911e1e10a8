"""Who may import whom: the engine's arrows go one way, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
ENGINE = CHECKOUT / "src" / "drillbook"

# Each layer may import from itself and from those above it in this list.
LAYERS = (
    ("severity", "mistakes", "inert", "redact", "observation", "polling", "progress", "profile"),
    ("verdict",),
    ("limit", "gate"),
    ("system", "limits", "library", "addresses", "target"),
    ("probes", "journal"),
    ("doctor",),
    ("supervisor",),
    ("stack", "report"),
    ("faults", "fixes", "ledger"),
    ("watch", "load", "arrivals", "generator"),
    ("drill", "rounds_seen", "clients", "rehearsal"),
    ("plugin", "cli", "__main__"),
)
ONLY_IN = {
    "pytest": {"plugin"},
    "_pytest": {"plugin"},
    "httpx": {"probes", "faults", "fixes", "ledger"},
    "psycopg": {"probes", "faults", "fixes", "ledger"},
    "redis": {"probes", "faults", "fixes", "ledger"},
    "prometheus_client": {"probes"},
    "docker": {"stack", "faults", "supervisor", "doctor"},
    "testcontainers": {"stack"},
    "pydantic": {"system"},
    "typer": {"cli", "doctor"},
    "locust": {"arrivals", "generator"},
    "gevent": {"arrivals", "generator"},
    "geventhttpclient": {"arrivals", "generator"},
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
    "celery",
    "httpx",
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


def part_of(module: str) -> str:
    """`drillbook.probes.http` belongs to `probes`."""
    return [*module.split("."), ""][1]


def part_at(path: Path) -> str:
    """The part of the engine that a file belongs to."""
    return path.relative_to(ENGINE).parts[0].removesuffix(".py")


ALL = [path for path in sorted(ENGINE.rglob("*.py")) if path != ENGINE / "__init__.py"]


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ENGINE)))
def test_the_engines_arrows_go_one_way(path):
    level = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    mine = level[part_at(path)]
    ours = {part_of(module) for module in imports(path) if module.startswith("drillbook.")}
    assert {name for name in ours if level[name] > mine} == set()


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ENGINE)))
def test_libraries_stay_where_they_belong(path):
    roots = {module.split(".")[0] for module in imports(path)}
    assert {root for root in roots & set(ONLY_IN) if part_at(path) not in ONLY_IN[root]} == set()


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
