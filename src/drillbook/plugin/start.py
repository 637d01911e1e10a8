"""The start of a run: reads the options and the target, and registers what the process at hand needs.

The controller (or the only process) measures, writes the journal and decides the exit code; an xdist worker is
handed the readings and judges them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drillbook.gate import Gate
from drillbook.library import Library
from drillbook.mistakes import Mistakes
from drillbook.severity import Severity
from drillbook.target import load_target

if TYPE_CHECKING:
    from drillbook.target import Target

READINGS = "drillbook_readings"


def start(config: pytest.Config) -> None:
    """Registers the run's parts with pytest; UsageError, a line a mistake, where the run cannot start."""
    try:
        target, gate = _target(config), Gate(Severity.named(config.getoption("gate")))
        workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
        if workerinput is None:
            _start_controller(config, target, gate)
        _start_judging(config, target, gate, (workerinput or {}).get(READINGS))
    except Mistakes as mistakes:
        raise pytest.UsageError(*mistakes.lines) from None
    except ValueError as error:
        raise pytest.UsageError(f"--gate: {error}") from None


def _target(config: pytest.Config) -> Target:
    library = Library(config.rootpath)
    text = config.getoption("target")
    if not text:
        known = ", ".join(library.targets()) or "none: add a folder to systems/"
        raise Mistakes([f"no target chosen: pass --target SYSTEM@ENV (known: {known})"])
    return load_target(text, library)


def _start_controller(config: pytest.Config, target: Target, gate: Gate) -> None:
    from drillbook.plugin.controller import Controller

    config.pluginmanager.register(Controller(config, target, gate), "drillbook-controller")


def _start_judging(config: pytest.Config, target: Target, gate: Gate, readings: dict[str, Any] | None) -> None:
    from drillbook.plugin import nouns
    from drillbook.plugin.judging import Judging
    from drillbook.plugin.measuring import Measuring

    measuring = Measuring(target, config.getoption("interval"), readings)
    config.stash[nouns.MEASURING] = measuring
    config.stash[nouns.TARGET] = target
    config.pluginmanager.register(measuring, "drillbook-measuring")
    config.pluginmanager.register(Judging(target, gate), "drillbook-judging")
    config.pluginmanager.register(nouns, "drillbook-nouns")
