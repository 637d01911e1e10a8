"""The watch of a drill: one child that runs the real checks in rounds, and what it has seen so far.

The child is `pytest checks --target SYSTEM@drill --every 1s`; it makes no report and tells us each line of its journal
through a pipe. What it says is kept by round and passed on to the drill's own journal.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import scrub
from drillbook.judging.limit import HOUSE
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict, takes_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from drillbook.stack.drill import Berth

EVERY = 1.0
STOPS_WITHIN = 5.0


@dataclass(frozen=True)
class Round:
    """One round: when its measuring began and when it was over, by our monotonic clock, and its verdicts by title.

    `late` says how many seconds of its measuring the watch was late itself.
    """

    number: int
    began: float
    ended: float
    verdicts: Mapping[str, Verdict]
    late: float = 0.0

    def red(self) -> dict[str, Verdict]:
        """What is BREACHED, at whatever severity."""
        return {title: one for title, one in self.verdicts.items() if one.outcome is Outcome.BREACHED}

    def red_names(self) -> set[str]:
        """The limits of which something is BREACHED, and the titles of what is."""
        return {one.name for one in self.red().values()} | self.red().keys()

    def ok_names(self) -> set[str]:
        """The limits of which everything is OK, and the titles of what is."""
        good = {title: one.name for title, one in self.verdicts.items() if one.outcome is Outcome.OK}
        return set(good.values()) - {one.name for one in self.not_green().values()} | good.keys()

    def not_green(self) -> dict[str, Verdict]:
        """What is neither OK nor skipped."""
        good = (Outcome.OK, Outcome.SKIPPED)
        return {title: one for title, one in self.verdicts.items() if one.outcome not in good}


@dataclass
class Watch:
    """What the child has told; `over` says why it tells no more."""

    process: subprocess.Popen[bytes]
    log: Path
    rounds: list[Round] = field(default_factory=list)
    over: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def since(self, moment: float) -> list[Round]:
        """The rounds whose measuring began at `moment` or later."""
        with self._changed:
            return [one for one in self.rounds if one.began >= moment]

    def wait(self, seen: Callable[[], bool], *, within: float) -> bool:
        """Whether `seen` came true within so many seconds, asked anew after each round; Mistakes if the child ends.

        What the rounds meanwhile were late themselves is added to the time.
        """
        began = time.monotonic()
        with self._changed:
            while not seen():
                left = began + within + self.late(began) - time.monotonic()
                if self.over:
                    raise Mistakes([f"the watch ended: {self.over}: {self.said()}"])
                if left <= 0:
                    return False
                self._changed.wait(min(left, 1.0))
            return True

    def late(self, since: float) -> float:
        """For how many seconds the rounds that ended since then were late themselves."""
        with self._changed:
            return sum(one.late for one in self.rounds if one.ended >= since)

    def said(self) -> str:
        """The end of what the child wrote to its terminal."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return scrub(" / ".join(lines[-3:])) or "it said nothing"

    def stop(self) -> None:
        """Ends the child."""
        self.process.terminate()
        try:
            self.process.wait(STOPS_WITHIN)
        except Exception:
            self.process.kill()
            self.process.wait()

    def _read(self, lines: Any, keep: Callable[[dict[str, Any]], None]) -> None:
        verdicts: dict[str, Verdict] = {}
        try:
            for text in lines:
                line = json.loads(text)
                keep(line)
                if line["kind"] == "verdict":
                    verdict = _verdict(line)
                    verdicts[verdict.title] = verdict
                elif line["kind"] == "round":
                    self._add(line, verdicts)
                    verdicts = {}
        except (OSError, ValueError):
            pass  # it was killed in the middle of a line, or whoever keeps the lines is gone: it is over
        with self._changed:
            self.over = "its pipe closed"
            self._changed.notify_all()

    def _add(self, line: Mapping[str, Any], verdicts: Mapping[str, Verdict]) -> None:
        now = time.monotonic()
        with self._changed:
            self.rounds.append(Round(line["round"], now - line["took"], now, verdicts, line.get("late", 0.0)))
            self._changed.notify_all()


def watch(
    berth: Berth,
    target: str,
    *,
    root: Path,
    environ: Mapping[str, str],
    keep: Callable[[dict[str, Any]], None],
    every: float = EVERY,
) -> Watch:
    """Starts watching `target`; each line that the child journals is given to `keep`, in another thread."""
    from drillbook.supervisor.children import child

    reading, writing = os.pipe()
    log = berth.folder / f"watch-{os.getpid()}-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "pytest", "checks", "--target", target, "--every", f"{every * 1000:.0f}ms"]
    command += ["--interval", "1", "--journal-fd", str(writing), "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    with log.open("wb") as output:
        process = child(
            berth,
            command,
            env={**plain, **environ},
            cwd=root,
            stdin=_nothing(),
            stdout=output,
            stderr=output,
            pass_fds=(writing,),
        )
    os.close(writing)
    found = Watch(process, log)
    lines = os.fdopen(reading, encoding="utf-8")
    threading.Thread(target=found._read, args=(lines, keep), daemon=True, name="drillbook-watch").start()
    return found


def _nothing() -> int:
    import subprocess

    return subprocess.DEVNULL


def _verdict(line: Mapping[str, Any]) -> Verdict:
    """The verdict that a line of a journal holds."""
    return Verdict(
        name=line["name"],
        outcome=Outcome(line["verdict"]),
        severity=Severity.named(line["severity"]) if line["severity"] else None,
        worst=Severity.named(line["worst"]),
        value=line["value"],
        unit=line["unit"],
        limit=line["limit"],
        reason=line["reason"],
        source=line["from"] or HOUSE,
        of=line["of"],
        by=line["by"],
        check=line["check"],
        service=line.get("service", ""),
        late=line.get("late", 0.0),
        beside=line.get("beside", 0),
        takes=takes_of(line.get("takes", [])),
    )
