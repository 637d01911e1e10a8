"""The pytest plugin: its options, and the one decision whether this run asks a live environment anything.

It is loaded by every pytest of the environment, so it imports nothing heavy until a run really has checks. It has no
asserts that pytest would have to rewrite: PYTEST_DONT_REWRITE.
"""

from __future__ import annotations

import sys
from argparse import SUPPRESS
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.curtain import draw_curtain, give_streams
from drillbook.plugin.choosing import choose
from drillbook.plugin.content import CHAOS, CHECKS, KEEP, LOAD, asks_for, only_tells, points_at

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from _pytest.config.argparsing import Parser


ABOUT_MARK = "systems(*names): the systems that a check is for; for all others it is not there"

ABOUT_KEEP = (
    "how many of the newest runs are kept in reports/ (100); those that were not green all are. 0 keeps every run"
)
ABOUT_TARGET = (
    "what to check, e.g. deal-scout@staging; given several times, all of them are checked. Those of the command line "
    "take the place of those in PYTEST_ADDOPTS, and these of those in addopts"
)


def pytest_addoption(parser: Parser) -> None:
    """Adds Drillbook's options to pytest's."""
    group = parser.getgroup("drillbook", "Drillbook: checks against a live environment")
    group.addoption("--target", metavar="SYSTEM@ENV", action="append", help=ABOUT_TARGET)
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
    parser.addini(KEEP, ABOUT_KEEP, type="int", default=100)
    group.addoption("--reports", metavar="DIR", default="reports", help="where runs are written (default: reports)")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    """Before pytest takes the standard streams for its own, and before the user's conftest is imported."""
    give_streams()
    for target in getattr(early_config.known_args_namespace, "target", None) or ():
        _learn_secrets(target, early_config)
    return (yield)


def _learn_secrets(text: str, early_config: pytest.Config) -> None:
    """Learns what is secret of the target; what is wrong with it is said later."""
    from drillbook.system.library import Library
    from drillbook.system.target import load_target

    draw_curtain()
    with suppress(Exception):
        load_target(text, Library(early_config.rootpath))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Readies a run with checks, before anything is collected; what stands in its way is exit code 4 or 12."""
    config.addinivalue_line("markers", ABOUT_MARK)
    if only_tells(config):
        return
    choose(config)
    asked = [name for name in (CHECKS, CHAOS, LOAD) if asks_for(config, name)]
    if len(asked) > 1:
        each = " and ".join(f"`pytest {name}`" for name in asked)
        raise pytest.UsageError(f"checks, drills and load profiles are runs of their own: run {each}")
    if not asked:
        _refuse_a_target(config)
        return
    draw_curtain(sys.stdout, sys.stderr)
    _at_the_door(asked[0], config)


def _refuse_a_target(config: pytest.Config) -> None:
    """A target that nobody would ask is a mistake: with the rootdir elsewhere, checks are tests like any other."""
    if config.getoption("target") and not any(points_at(config, name) for name in (CHECKS, CHAOS, LOAD)):
        where = f"{CHECKS}/, {CHAOS}/ or {LOAD}/ of {config.rootpath}, pytest's rootdir"
        raise pytest.UsageError(
            f"{' and '.join(config.getoption('target'))} is not asked: nothing of what is run is in {where}. "
            f"Run `pytest {CHECKS}` in the folder above {CHECKS}/, with --rootdir=. if pytest looks elsewhere"
        )


def _starter(asked: str) -> Callable[[pytest.Config], None]:
    """What starts a run of that content; Mistakes where it needs what is not installed."""
    if asked == CHECKS:
        from drillbook.plugin.start import start

        return start
    from drillbook.common.extras import need

    need(f"pytest {asked}", asked)
    if asked == CHAOS:
        from drillbook.plugin.chaos import start
    else:
        from drillbook.plugin.load import start
    return start


def _at_the_door(asked: str, config: pytest.Config) -> None:
    from drillbook.common.mistakes import Mistakes, Refused
    from drillbook.judging.gate import REFUSED

    try:
        _starter(asked)(config)
    except Refused as refused:
        pytest.exit(f"refused: {refused}", returncode=REFUSED)
    except Mistakes as mistakes:
        raise pytest.UsageError(*mistakes.lines) from None
