"""Which worker takes which test: copies of a system are for two workers, and what takes longest begins first."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="module")
def spread(pytestconfig):
    """The module, loaded anew: a plugin of the run, it cannot be imported by name."""
    spec = importlib.util.spec_from_file_location("spread_itself", pytestconfig.rootpath / "tests" / "spread.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scopes_for(spread, nodes, at):
    """What of two scopes the worker at that place may take."""
    asked = SimpleNamespace(nodes=nodes)
    allowed = spread.Spread._allowed(asked, nodes[at])
    return [one for one in ("tests/drills/test_kills.py", "tests/probes/test_turns.py") if allowed(one)]


def workers(*shutting_down):
    return [SimpleNamespace(number=at, shutting_down=one) for at, one in enumerate(shutting_down)]


def test_copies_are_for_the_first_two_that_go_on(spread):
    nodes = workers(True, False, False, False)
    taken = [len(scopes_for(spread, nodes, at)) for at in range(4)]
    assert taken == [1, 2, 2, 1]


@pytest.mark.parametrize(
    ("test", "scope"),
    [
        ("tests/probes/test_turns.py::test_one[a]", "tests/probes/test_turns.py"),
        ("tests/drills/test_kills.py::test_one[a]", "tests/drills/test_kills.py::test_one[a]"),
        ("tests/systems/test_red.py::test_one[audit-app/away]", "tests/systems/test_red.py[audit-app]"),
        ("tests/systems/test_red.py::test_all[audit-app]", "tests/systems/test_red.py[audit-app]"),
    ],
)
def test_a_file_goes_to_one_worker_or_a_system_or_each_test_alone(spread, test, scope):
    assert object.__new__(spread.Spread)._split_scope(test) == scope


def test_what_takes_longest_begins_first(spread):
    names = ["tests/probes/a", "tests/runs/a", "tests/drills/a", "tests/drills/test_twins.py::a"]
    ranks = [spread.rank(SimpleNamespace(nodeid=name)) for name in names]
    assert ranks == sorted(ranks, reverse=True)
    assert len({*ranks}) == len(ranks)
