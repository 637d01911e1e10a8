"""The negative twins of a drill: the same drill with one thing wrong, and the phase in which that must come out.

This file is copied into a project's `chaos/` as a file of tests; TWINS_OF names the drill it is about.
"""

from __future__ import annotations

import importlib.util
import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drillbook.faults import Evidence, superuser
from drillbook.fixes import Fix, in_turn
from drillbook.mistakes import Mistakes
from drillbook.polling import until

if TYPE_CHECKING:
    from drillbook import Drill

PATH, NAME = os.environ["TWINS_OF"].split("::")


def load() -> Drill:
    """The drill that this file's tests are twins of."""
    spec = importlib.util.spec_from_file_location(Path(PATH).stem, PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, NAME)


DRILL = load()


@contextmanager
def nothing(_running):
    yield


def forget(running):
    """Deletes the last orders, as soon as the database lets us: acknowledged writes are lost."""
    query = "DELETE FROM orders WHERE id > (SELECT max(id) - 5 FROM orders)"
    assert until(lambda: deleted(running, query), within=30)
    return "the last orders are forgotten"


def deleted(running, query):
    try:
        superuser.ask(running.handle("postgres"), query)
    except Mistakes:
        return False
    return True


def hearsay(_running):
    return Evidence(False, "nobody saw anything")


TWINS = {
    "does_not_bite": replace(DRILL, fault=replace(DRILL.fault, inject=nothing)),
    "is_not_seen": replace(DRILL, fault=replace(DRILL.fault, witness=hearsay)),
    "is_not_mended": replace(DRILL, fix=Fix("do nothing", lambda _: "nothing done"), recovers_within=7),
    "does_not_hold": replace(DRILL, holds=(*DRILL.holds, "api.healthy")),
    "turns_red_unasked": replace(DRILL, may=tuple(name for name in DRILL.may if "api" not in name)),
    "loses_a_write": replace(DRILL, fix=in_turn(DRILL.fix, Fix("forget", forget))),
}


@pytest.mark.parametrize("twin", TWINS)
def test_twin(rehearse, twin):
    rehearse(TWINS[twin])
