"""Why a copy did not start: the end of the log of each container that did not come up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drillbook.common.inert import inert
from drillbook.common.redact import scrub
from drillbook.doctor import images
from drillbook.stack.plan import PROJECT_LABEL, SERVICE_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LAST_LINES = 10
LONGEST_LINE = 300


def what_did_not_come_up(client: Any, project: str) -> Iterator[str]:
    """For each container of the project that has failed: its state in a line, and the last lines of its log."""
    found = client.containers.list(all=True, ignore_removed=True, filters={"label": f"{PROJECT_LABEL}={project}"})
    for container in sorted(found, key=lambda one: str(one.name)):
        state = how_it_failed(container.attrs["State"])
        if state:
            name = container.labels.get(SERVICE_LABEL, container.name)
            lines = _log(container)
            yield f"{name} {state}{', and the end of its log is:' if lines else ', and its log is empty'}"
            yield from (f"  {name} | {line}" for line in lines)


def what_is_not_here(client: Any, services: Mapping[str, Any]) -> Iterator[str]:
    """A line for each service whose image is not on this engine, and is not built: what can be done about it."""
    is_here = images.on(client)
    for name, one in services.items():
        if "build" not in one and not is_here(one["image"].replace("$$", "$")):
            instead = f'or leave the service out: [stack] leave_out = ["{name}"]'
            yield f"image {one['image']} of {name} is not here and could not be pulled: pull or build it, {instead}"


def how_it_failed(state: dict[str, Any]) -> str:
    """How a container that should be up is not, in words; empty where it is up, has done its work, or never began."""
    if state["Status"] == "restarting":
        return "starts again and again"
    if state["Status"] in ("exited", "dead") and state["ExitCode"]:
        return f"has ended with exit code {state['ExitCode']}"
    if state.get("Health", {}).get("Status") == "unhealthy":
        said = ((state["Health"].get("Log") or [{}])[-1].get("Output") or "").strip()
        return f"is unhealthy (its health check says: {_line(said.splitlines()[-1])})" if said else "is unhealthy"
    return f"did not start: {_line(state['Error'])}" if state.get("Error") else ""


def _log(container: Any) -> list[str]:
    try:
        said = container.logs(tail=LAST_LINES).decode(errors="replace")
    except Exception:  # a log driver that gives nothing back, or a container that is gone meanwhile
        return []
    return [_line(line) for line in scrub(said).splitlines()[-LAST_LINES:]]


def _line(text: str) -> str:
    return inert(scrub(text))[:LONGEST_LINE]
