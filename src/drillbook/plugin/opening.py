"""The opening of a run: its journal, and what a report must know of the run beside its verdicts."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drillbook.journal import Journal, open_journal

if TYPE_CHECKING:
    import pytest

    from drillbook.gate import Gate
    from drillbook.target import Target


def facts_of(config: pytest.Config, target: Target, gate: Gate) -> dict[str, Any]:
    """What a report must know of the run beside its verdicts."""
    limits = {
        limit.name: {
            "unit": limit.unit,
            "rungs": {rung.severity.word: rung.words("") for rung in limit.rungs},
            "from": limit.source,
        }
        for limit in target.limits
        if not limit.asks_yes_or_no
    }
    return {
        "target": target.name,
        "environment": target.kind,
        "gate": gate.severity.word,
        "command": shlex.join(["pytest", *config.invocation_params.args]),
        "calls": {severity: call.model_dump() for severity, call in target.system.escalation.items()},
        "limits": limits,
    }


def journal_of(config: pytest.Config) -> Journal:
    """A new run's journal, or the parent's where this run reports to one."""
    descriptor: int | None = config.getoption("journal_fd")
    if descriptor is not None:
        return Journal(descriptor)
    return open_journal(config.rootpath / config.getoption("reports"))


def shown(folder: Path | None) -> str:
    """Where the run's reports are, as people call it."""
    if folder is None:
        return "the parent's journal"
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
