"""Whether what was started stands: each container runs and is healthy, or has done its work. One that failed says why.

`docker compose up --wait` takes a service that has done its work and ended for one that failed, unless another
service waits for its end.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.common.polling import until
from drillbook.doctor.engine import connect
from drillbook.stack.failed import how_it_failed, what_did_not_come_up
from drillbook.stack.plan import PROJECT_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDS_WITHIN = 600.0
LOOKS = 2  # in a row: what ends at once was up a moment before


def wait_until_it_stands(engine: Any, project: str) -> None:
    """Returns when all of the project stands; Mistakes with the end of the log of what failed, or is not up by then."""
    looks: list[bool] = []

    def stands() -> bool:
        states = _states(engine, project)
        looks.append(all(is_up(state) for state in states))
        return looks[-LOOKS:] == [True] * LOOKS or any(how_it_failed(state) for state in states)

    in_time = until(stands, within=STANDS_WITHIN, every=0.5)
    failed = list(what_did_not_come_up(engine, project))
    if failed or not in_time:
        late = "" if in_time else f" within {STANDS_WITHIN:.0f} s"
        raise Mistakes([f"the stack did not start{late}:", *(f"  {line}" for line in failed)])


def is_up(state: dict[str, Any]) -> bool:
    """Whether a container runs and is healthy, as far as it says, or has ended well."""
    if state["Status"] == "exited":
        return bool(state["ExitCode"] == 0)
    return state["Status"] == "running" and (state.get("Health") or {}).get("Status") in (None, "none", "healthy")


@contextmanager
def told_by_logs(project: str) -> Iterator[None]:
    """Mistakes that are raised within it also say which containers of the project have failed meanwhile, and why."""
    try:
        yield
    except Mistakes as mistakes:
        raise type(mistakes)([*mistakes.lines, *what_did_not_come_up(connect(), project)]) from None


def _states(engine: Any, project: str) -> list[dict[str, Any]]:
    filters = {"label": f"{PROJECT_LABEL}={project}"}
    return [one.attrs["State"] for one in engine.containers.list(all=True, ignore_removed=True, filters=filters)]
