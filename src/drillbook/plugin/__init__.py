"""The pytest plugin: its options, and the one decision whether this run asks a live environment anything.

It is loaded by every pytest of the environment, so it imports nothing heavy until a run really has checks.
"""

from __future__ import annotations

from argparse import SUPPRESS
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from _pytest.config.argparsing import Parser

CHECKS, CHAOS, LOAD = "checks", "chaos", "load"


def pytest_addoption(parser: Parser) -> None:
    """Adds Drillbook's options to pytest's."""
    group = parser.getgroup("drillbook", "Drillbook: checks against a live environment")
    group.addoption("--target", metavar="SYSTEM@ENV", help="what to check, e.g. deal-scout@staging")
    group.addoption(
        "--gate",
        metavar="SEVERITY",
        default="high",
        help="the mildest severity that fails the run: low, medium, high (default) or critical",
    )
    group.addoption(
        "--interval",
        metavar="SECONDS",
        type=float,
        default=3.0,
        help="the time between the two readings of counters (default: 3)",
    )
    group.addoption("--every", metavar="DURATION", help="check again and again, e.g. every 30s, in one process")
    group.addoption("--rounds", metavar="N", type=int, help="end after so many rounds of --every")
    group.addoption("--control", action="store_true", help="leave the fix out of each drill: it must not recover")
    group.addoption("--profile", metavar="NAME", help="the one load profile to run, e.g. steady for load/steady.py")
    group.addoption("--confirm", metavar="TEXT", help='"load SYSTEM@ENV": yes, load what drillbook did not start')
    group.addoption("--journal-fd", metavar="FD", type=int, help=SUPPRESS)
    group.addoption("--reports", metavar="DIR", default="reports", help="where runs are written (default: reports)")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Readies a run with checks, before anything is collected; what stands in its way is exit code 4 or 12."""
    asked = [name for name in (CHECKS, CHAOS, LOAD) if asks_for(config, name)]
    if len(asked) > 1:
        each = " and ".join(f"`pytest {name}`" for name in asked)
        raise pytest.UsageError(f"checks, drills and load profiles are runs of their own: run {each}")
    if not asked:
        return
    if asked == [CHAOS]:
        from drillbook.plugin.chaos import start
    elif asked == [LOAD]:
        from drillbook.plugin.load import start
    else:
        from drillbook.plugin.start import start
    _at_the_door(start, config)


def _at_the_door(start: Callable[[pytest.Config], None], config: pytest.Config) -> None:
    from drillbook.gate import REFUSED
    from drillbook.mistakes import Mistakes, Refused

    try:
        start(config)
    except Refused as refused:
        pytest.exit(f"refused: {refused}", returncode=REFUSED)
    except Mistakes as mistakes:
        raise pytest.UsageError(*mistakes.lines) from None


def asks_for(config: pytest.Config, name: str) -> bool:
    """Whether the command line selects anything in the content folder of that name."""
    folder = config.rootpath / name
    paths = [(config.invocation_params.dir / arg.split("::")[0]).resolve() for arg in config.args]
    selected = any(path.is_relative_to(folder) or folder.is_relative_to(path) for path in paths)
    return selected and any(folder.rglob("*.py"))


def is_content(item: pytest.Item) -> bool:
    """Whether `item` is a check, a drill or a profile, as opposed to a test of something else in the same run."""
    return any(Path(item.path).is_relative_to(item.config.rootpath / name) for name in (CHECKS, CHAOS, LOAD))
