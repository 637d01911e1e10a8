"""When a stack is warm: everything answers, the API is ready, workers wait, and users' traffic can be measured."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drillbook.mistakes import Mistakes
from drillbook.probes.celery import Queue
from drillbook.probes.host import Host
from drillbook.probes.http import Http
from drillbook.probes.measure import Readings, measure
from drillbook.probes.postgres import Postgres
from drillbook.probes.redis import Redis
from drillbook.progress import under_way

if TYPE_CHECKING:
    from drillbook.observation import Observation
    from drillbook.progress import Say
    from drillbook.target import Service, Target

INTERVAL = 1.0


def wait_until_warm(target: Target, *, within: float, say: Say) -> float:
    """The seconds it took until `target` was warm; Mistakes, with what was still missing, after `within` seconds."""
    began, cold = time.monotonic(), ["nothing is measured yet"]
    what, still = f"waiting until {target.name} is warm", lambda: f"still cold: {'; '.join(cold)}"
    with under_way(what, say=say, at_most=within, now=still):
        while cold := what_is_cold(target):
            if time.monotonic() - began > within:
                raise Mistakes([f"{target.name} was not warm after {within:.0f} s:", *(f"  {line}" for line in cold)])
    return time.monotonic() - began


def what_is_cold(target: Target) -> list[str]:
    """What keeps `target` from being warm, a line each; empty once it is."""
    readings = measure(target.services.values(), INTERVAL)
    return [
        f"{service.name}: {answer.reason}"
        for service in target.services.values()
        for answer in _answers(service, readings[service.name])
        if answer.applies and not answer.value
    ]


def _answers(service: Service, readings: Readings) -> list[Observation]:
    """What has to be yes, or more than nothing, for the service to be warm."""
    if service.kind == "http":
        api = Http(service, readings)
        return [api.answers(), api.ready(), api.p95()]
    if service.kind == "postgres":
        return [Postgres(service, readings).login()]
    if service.kind == "redis":
        return [Redis(service, readings).answers()]
    if service.kind == "celery":
        return [Queue(service, readings).workers()]
    return [Host(service, readings).answers()]
