"""When a stack is warm: everything answers, the API is ready, workers wait, and users' traffic can be measured."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.common.polling import Patience
from drillbook.common.progress import under_way
from drillbook.probes.measure import Readings, measure
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from drillbook.common.progress import Say
    from drillbook.judging.observation import Observation
    from drillbook.system.target import Service, Target

INTERVAL = 1.0
AT_MOST = 300.0


def wait_until_warm(target: Target, *, within: float, say: Say) -> float:
    """The seconds it took until `target` was warm; Mistakes, with what was still missing, where it does not become so.

    It is given up once nothing has become any better for `within` seconds, or after AT_MOST in all.
    """
    patience = Patience(within, AT_MOST)
    began, cold = time.monotonic(), ["nothing is measured yet"]
    what, still = f"waiting until {target.name} is warm", lambda: f"still cold: {'; '.join(cold)}"
    with under_way(what, say=say, at_most=AT_MOST, now=still):
        while cold := what_is_cold(target):
            if patience.is_over(len(cold)):
                raise Mistakes([f"{target.name} was not warm {patience.words()}:", *(f"  {line}" for line in cold)])
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
    kind = kinds()[service.kind]
    noun = kind.ask(service, readings)
    return [getattr(noun, question)() for question in kind.warm]
