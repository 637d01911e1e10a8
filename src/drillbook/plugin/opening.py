"""The opening of a run: its journal, and what a report must know of the run beside its verdicts."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.judging.journal import Journal, open_journal
from drillbook.plugin.content import KEEP

if TYPE_CHECKING:
    from drillbook.judging.gate import Gate
    from drillbook.system.target import Target


def facts_of(config: pytest.Config, target: Target, gate: Gate) -> dict[str, Any]:
    """What a report must know of the run beside its verdicts.

    Of the limits, by title, a name alone says what holds for the service that visitors talk to: figures show that.
    """
    api = target.of_kind("http", "api")
    limits = {
        title: {
            "unit": limit.unit,
            "rungs": {rung.severity.word: rung.words("") for rung in limit.rungs},
            "from": limit.source,
        }
        for title in target.limits.by_title
        for limit in (target.limits.named(title, api.name if api else ""),)
        if limit.rungs and not limit.asks_yes_or_no
    }
    runbook = target.system.runbook
    pages = {title: page for title in (runbook.sections if runbook else ()) if (page := target.page(title))}
    return {
        "target": target.name,
        "environment": target.kind,
        "gate": gate.severity.word,
        "command": shlex.join(["pytest", *config.invocation_params.args]),
        "calls": {severity: call.model_dump() for severity, call in target.system.escalation.items()},
        "limits": limits,
        "pages": pages,
    }


def journal_of(config: pytest.Config) -> Journal:
    """A new run's journal, or the parent's where this run reports to one."""
    descriptor: int | None = config.getoption("journal_fd")
    if descriptor is not None:
        return Journal(descriptor)
    return open_journal(config.rootpath / config.getoption("reports"))


def kept(config: pytest.Config) -> int:
    """How many of the newest runs are kept; Mistakes where that is no number of runs."""
    try:
        number: int = config.getini(KEEP)
    except pytest.UsageError:  # whose words do not always name the setting
        number = -1
    if number < 0:
        raise Mistakes([f"{KEEP} in pytest's settings: is how many runs are kept, e.g. {KEEP} = 100, or 0 for all"])
    return number


def shown(folder: Path | None) -> str:
    """Where the run's reports are, as people call it."""
    if folder is None:
        return "the parent's journal"
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
