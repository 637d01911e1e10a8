"""The negative twins of a drill: the same drill with one thing wrong, and the phase in which that must come out.

This file is copied into a project's `chaos/` as a file of tests; TWINS_OF names the drill it is about.
"""

from __future__ import annotations

import importlib.util
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.common.polling import until
from drillbook.drills.mended import LOOKS
from drillbook.faults import Evidence, superuser
from drillbook.fixes import Fix, in_turn

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


class Healing:
    """A fix that does nothing, beside a service that comes back by itself: once nobody has looked for two seconds."""

    def __init__(self):
        self.looks, self.looked = 0, 0.0

    def witness(self, running):
        evidence = DRILL.fault.witness(running)
        self.looks, self.looked = self.looks + 1, time.monotonic()
        return evidence

    def nothing(self, running):
        looks = self.looks

        def heal():
            until(lambda: self.looks >= looks + LOOKS and time.monotonic() - self.looked > 2, within=60)
            DRILL.fix.apply(running)

        threading.Thread(target=heal, daemon=True).start()
        return "nothing done"


HEALING = Healing()
TWINS = {
    "does_not_bite": replace(DRILL, fault=replace(DRILL.fault, inject=nothing)),
    "is_not_seen": replace(DRILL, fault=replace(DRILL.fault, witness=hearsay)),
    "is_not_mended": replace(DRILL, fix=Fix("do nothing", lambda _: "nothing done"), recovers_within=7),
    "heals_by_itself": replace(
        DRILL, fault=replace(DRILL.fault, witness=HEALING.witness), fix=Fix("do nothing", HEALING.nothing)
    ),
    "does_not_hold": replace(DRILL, holds=(*DRILL.holds, "api.healthy")),
    # Long enough for two rounds, however slow the machine is.
    "turns_red_unasked": replace(
        DRILL, symptom=DRILL.symptom[:1], as_written=Fix("do nothing", lambda _: "nothing done"), as_written_within=12
    ),
    "loses_a_write": replace(DRILL, fix=in_turn(DRILL.fix, Fix("forget", forget))),
}


@pytest.mark.parametrize("twin", TWINS)
def test_twin(rehearse, twin):
    rehearse(TWINS[twin])
