"""Which targets a run asks: those that its command line names, and where it names none those of its settings."""

from __future__ import annotations

import itertools
import os
import shlex
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from drillbook.system.library import Library
    from drillbook.system.target import Target


def choose(config: pytest.Config) -> None:
    """Leaves of the targets those that go before others: the command line's, PYTEST_ADDOPTS', those of `addopts`."""
    every: list[str] = config.option.target or []
    if len(every) > 1:
        closer = (config.invocation_params.args, shlex.split(os.environ.get("PYTEST_ADDOPTS", "")))
        config.option.target = next((named for words in closer if (named := _named(config, words))), every)


def the_only(config: pytest.Config, what: str) -> str | None:
    """The target of a run of `what`, which asks one; None where none is named, Mistakes where several are."""
    named = config.getoption("target") or []
    if len(named) > 1:
        each = " and ".join(named)
        raise Mistakes([f"{what} asks one target, and --target names {len(named)}, {each}: run pytest once for each"])
    return named[0] if named else None


def targets_of(config: pytest.Config, library: Library) -> list[Target]:
    """The targets that a run of checks asks; Mistakes says everything that stands in the way of any of them."""
    from drillbook.system.target import load_target

    named: list[str] = config.getoption("target") or []
    if not named:
        known = ", ".join(library.targets()) or "none: add a folder to systems/"
        raise Mistakes([f"no target chosen: pass --target SYSTEM@ENV (known: {known})"])
    mistakes = [f"--target {one} is given {named.count(one)} times: name each target once" for one in _twice(named)]
    found: list[Target] = []
    for name in dict.fromkeys(named):
        try:
            found.append(load_target(name, library))
        except Mistakes as wrong:
            mistakes += wrong.lines
    if not mistakes:
        mistakes = [*_the_same(found)]
    if mistakes:
        raise Mistakes([*dict.fromkeys(mistakes)])  # two environments of one system have its file's in common
    return found


def _named(config: pytest.Config, words: Sequence[str]) -> list[str]:
    """The targets that these words alone name."""
    return config._parser.parse_known_args(list(words)).target or []


def _twice(named: list[str]) -> list[str]:
    return [one for one in dict.fromkeys(named) if named.count(one) > 1]


def _the_same(targets: list[Target]) -> Iterator[str]:
    """A line for each two of one system that nothing tells apart: one would be called well for what the other is."""
    for one, other in itertools.combinations(targets, 2):
        if one.system == other.system and _where(one) == _where(other):
            variables, files = ", ".join(one.origins), f".drillbook/{one.name}.env and .drillbook/{other.name}.env"
            yield (
                f"{one.name} and {other.name} have the same addresses ({variables}): "
                f"give each its own, in {files}, and export none of them"
            )


def _where(target: Target) -> list[object]:
    """Where and as whom the services are asked."""
    services = target.services.values()
    return [(one.address, one.monitor, one.headers, one.page_headers, one.login) for one in services]
