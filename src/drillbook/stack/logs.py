"""The log of a container of a copy: of the one that `drillbook up` keeps, or of the drill whose watch this run is.

A container is found by the labels of that copy, and no other is ever asked. Its lines have the engine's own times.
"""

from __future__ import annotations

import re
import subprocess
from collections import deque
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Timer
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.probes.log.source import MOST, TOO_MUCH_ADDED, TOO_MUCH_WRITTEN, Lines, Mark, Unreadable
from drillbook.stack.guard import engine_environ, local_engine
from drillbook.stack.plan import PROJECT_LABEL, SERVICE_LABEL
from drillbook.stack.programs import engine_explained
from drillbook.supervisor.owner import LABEL
from drillbook.system.elsewhere import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.stack.handle import Running
    from drillbook.system.library import Library
    from drillbook.system.target import Service, Target

COPY = "DRILLBOOK_COPY"  # tells the watch of a drill which copy it watches
REPLACED_LABEL = "com.docker.compose.replace"
SECOND = 10**9
_BLOCK = 1 << 16
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})(Z|[+-]\d\d:\d\d)")
_SHORTEST = 32  # bytes of a line: its time and its end
FEW = 2000  # lines, which the engine gives at once: of many it takes seconds
_KEPT = MOST * 9 // 4  # what the engine must keep: JSON makes 2 n + 72 bytes of a line that it gives as n + 32
_SIZE = re.compile(r"(\d+)([kmg]?)b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_NOT_OURS = "nothing says which copy it is of: only the watch of a drill is told"
_SHORT = (
    "the engine keeps too little of it to tell whether the window is whole: "
    'give its logging options max-file = "3" with max-size = "10m", or wait until the container is older'
)


def told(running: Running) -> dict[str, str]:
    """The variable by which the watch of a drill is told which copy it watches."""
    return {COPY: f"{running.run} {running.project}"}


def with_logs(target: Target, library: Library) -> Target:
    """`target`, of whose copy the containers' logs can be read."""
    import docker  # noqa: F401  # now, and not within the deadline of the first reading

    labels = _labels_of(target, library)
    return replace(target, services={name: _with_its_log(one, labels) for name, one in target.services.items()})


def _with_its_log(service: Service, labels: Mapping[str, str]) -> Service:
    declared = service.declared
    log = ContainerLog(labels, declared.of_a_container, declared.seconds) if declared.of_a_container else None
    return replace(service, log=log)


def _labels_of(target: Target, library: Library) -> dict[str, str]:
    """The labels that everything of the target's copy carries; none where nothing says which copy that is."""
    if target.environment == LOCAL:
        from drillbook.stack.local import Copy

        copy = Copy(library, target.system.system.name)
        return {LABEL: copy.owner, PROJECT_LABEL: copy.project}
    run, _, project = library.environ.get(COPY, "").partition(" ")
    return {LABEL: run, PROJECT_LABEL: project} if run and project else {}


@dataclass(frozen=True)
class ContainerLog:
    """The log of the container of a compose service, in the copy that carries `labels`: a source of lines.

    No reading takes longer than `seconds`.
    """

    labels: Mapping[str, str]
    service: str
    seconds: float
    gone = "its container was replaced within the window: the lines of the one before are gone"

    def mark(self) -> Mark:
        """The place behind its last line."""
        container = self._container()
        last, _ = self._said(container, 1)
        return Mark(container["Id"], _time_of(last))

    def end(self, since: float) -> Lines:
        """The lines since then, and some from before; the latest of them where they are many."""
        container = self._container()
        short = _is_short(container["HostConfig"]["LogConfig"])
        text, cut = self._since(container, 0 if short else int(since * SECOND))
        why = _SHORT if short and not cut else TOO_MUCH_WRITTEN
        return Lines(text, cut=cut or short, why=why, lost=_replaced_at(container), stamped=True)

    def added(self, since: Mapping[str, Any]) -> Lines:
        """The lines that were added since a mark; Unreadable where its container is another one by now."""
        before, container = Mark(**since), self._container()
        if container["Id"] != before.file:
            raise Unreadable("its container was replaced between two readings: the lines of the one before are gone")
        text, cut = self._since(container, before.at)
        if cut and _time_of(text) > before.at:
            raise Unreadable(TOO_MUCH_ADDED)
        return Lines(_behind(before.at, text), stamped=True)

    def _container(self) -> dict[str, Any]:
        """All that the engine knows of it; Unreadable where there is none, or where one of several would be meant."""
        if not self.labels:
            raise Unreadable(_NOT_OURS)
        try:
            with engine_explained(f"the container of {self.service}"):
                return self._inspected()
        except Mistakes as mistakes:
            raise Unreadable(str(mistakes)) from None

    def _inspected(self) -> dict[str, Any]:
        import docker

        with closing(docker.DockerClient(base_url=local_engine(), timeout=self.seconds)) as engine:
            filters = {"label": [f"{label}={value}" for label, value in self.labels.items()]}
            found = engine.api.containers(all=True, filters=filters)
            ours = [one for one in found if self.labels.items() <= one["Labels"].items()]
            inspected: dict[str, Any] = engine.api.inspect_container(self._the_one(ours)["Id"])
            return inspected

    def _the_one(self, ours: list[dict[str, Any]]) -> dict[str, Any]:
        its = [one for one in ours if one["Labels"].get(SERVICE_LABEL) == self.service]
        if len(its) == 1:
            return its[0]
        if its:
            raise Mistakes([f"the copy has {len(its)} containers of {self.service}, and one log is read: give it one"])
        known = sorted({one["Labels"][SERVICE_LABEL] for one in ours if SERVICE_LABEL in one["Labels"]})
        there = f"it has those of {', '.join(known)}" if known else "it has none: is it up? `drillbook up` starts one"
        raise Mistakes([f"the copy has no container of {self.service}: {there}"])

    def _since(self, container: Mapping[str, Any], at: int) -> tuple[bytes, bool]:
        """At least the lines since a time in nanoseconds, or the latest of them; and whether there are others."""
        text, cut = self._said(container, FEW) if at else (b"", True)
        if not cut or 0 < _time_of(text) <= at:
            return text, cut
        return self._said(container, MOST // _SHORTEST)

    def _said(self, container: Mapping[str, Any], lines: int) -> tuple[bytes, bool]:
        """The last so many lines that docker's own program gives, or about MOST bytes; and whether there are others.

        By that program, which can be ended: the SDK reads line by line, or has all of it in memory at once.
        """
        command, pipe = ["docker", "logs", "--timestamps", "--tail", str(lines), container["Id"]], subprocess.PIPE
        with subprocess.Popen(
            command, env=engine_environ(), stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.STDOUT
        ) as process:
            timer = Timer(self.seconds, process.kill)
            timer.start()
            try:
                text, cut = _end_of(process.stdout)
            finally:
                timer.cancel()
        if process.returncode:
            raise Unreadable(self._why(process.returncode))
        given = sum(1 for _ in _STAMP.finditer(text))  # of a line that is very long each part has its time
        return text, cut or given >= lines

    def _why(self, code: int) -> str:
        """Never what was said: it may be lines of the log."""
        if code < 0:
            return f"the engine did not give it within {self.seconds:g} s: raise deadline"
        return f"`docker logs` ended with exit code {code}: a logging driver may keep no log, look with `docker logs`"


def _end_of(stream: Any) -> tuple[bytes, bool]:
    """Whole lines at the end of what is read, and whether there were others."""
    blocks: deque[bytes] = deque()
    size, cut = 0, False
    while block := stream.read1(_BLOCK):
        blocks.append(block)
        size += len(block)
        while size - len(blocks[0]) >= MOST:
            size, cut = size - len(blocks.popleft()), True
    text = b"".join(blocks)
    return (text.partition(b"\n")[2] if cut else text), cut


def _behind(at: int, text: bytes) -> bytes:
    """The lines behind the last one of that time, which is the first that must be there; Unreadable where it is not."""
    if not at:
        return text
    of_then = [one for one in _STAMP.finditer(text) if int(one[2]) == at % SECOND and _nanoseconds(one) == at]
    if not of_then:
        raise Unreadable("it was rotated between two readings: some of its lines are gone")
    return text[of_then[-1].end() :].partition(b"\n")[2]


def _time_of(text: bytes) -> int:
    """The first time that the engine has put in front of a line, in nanoseconds since 1970; 0 where there is none."""
    found = _STAMP.search(text)
    return _nanoseconds(found) if found else 0


def _nanoseconds(stamp: re.Match[bytes]) -> int:
    seconds, rest, zone = (part.decode() for part in stamp.groups())
    return int(datetime.fromisoformat(seconds + zone).timestamp()) * SECOND + int(rest)


def _replaced_at(container: Mapping[str, Any]) -> float:
    """When it took the place of another one; 0 where it is the first."""
    if REPLACED_LABEL not in container["Config"]["Labels"]:
        return 0.0
    return datetime.fromisoformat(container["Created"]).timestamp()


def _is_short(log: Mapping[str, Any]) -> bool:
    """Whether the engine may have thrown lines away of which we would read the place."""
    options = log["Config"] or {}
    if options.get("max-size") in (None, "-1"):
        return False
    found = _SIZE.fullmatch(options["max-size"])
    files = int(options.get("max-file", 5 if log["Type"] == "local" else 1))
    return found is None or int(found[1]) * _UNITS[found[2].lower()] * (files - 1) < _KEPT
