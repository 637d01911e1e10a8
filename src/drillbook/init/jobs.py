"""Who does jobs in a compose file: Celery's workers, with their queues and their broker, and others'."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drillbook.init.container import command, of_kind, variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.init.container import Container

BROKER = re.compile(r"broker|queue|sidekiq|jobs|celery", re.IGNORECASE)
_WORKER = re.compile(r"\bcelery\b.*\bworker\b", re.DOTALL)
_BEAT = re.compile(r"\bcelery\b.*\bbeat\b", re.DOTALL)
_QUEUES = re.compile(r"(?:-Q|--queues)[= ](\S+)")
_REDIS = re.compile(r"rediss?://(?:[^/]*@)?([\w.-]+)")
# Other programs that do jobs, and where each keeps those that wait.
_OTHERS = {
    "sidekiq": "LLEN queue:default",
    "rq": "LLEN rq:queue:default",
    "dramatiq": "LLEN dramatiq:default",
    "arq": "ZCARD arq:queue",
    "huey": "",
}


def queues_of(one: Container) -> list[str]:
    """The queues that a Celery worker takes jobs from; none where it is no such worker."""
    if not _WORKER.search(command(one)):
        return []
    listed = _QUEUES.search(command(one))
    return listed[1].strip("'\"").split(",") if listed else ["celery"]


def is_beat(one: Container) -> bool:
    """Whether it is Celery's beat alone."""
    return bool(_BEAT.search(command(one)))


def other_jobs(name: str, one: Container) -> str:
    """What can be judged of another program's jobs; empty where it does none."""
    said = f"{command(one)} {name}"
    found = next((word for word in _OTHERS if re.search(rf"\b{word}\b", said)), "")
    read = f', command = "{_OTHERS[found]}"' if _OTHERS.get(found) else ""
    return f"{found} does jobs: a signal can judge how many wait{read}" if found else ""


def broker_of(services: Mapping[str, Container]) -> str:
    """The Redis that is Celery's broker: the one that a variable names, or that is called so, or that is alone."""
    there = of_kind(services, "redis")
    said = [value for one in services.values() for name, value in variables(one).items() if "BROKER" in name and value]
    told = [found[1] for one in said if (found := _REDIS.match(one))]
    called = [name for name in there if BROKER.search(name)]
    return next((name for name in (told if said else [*called, *there[: len(there) == 1]]) if name in there), "")
