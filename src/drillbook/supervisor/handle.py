"""What a run holds of its supervisor: its labels, its folder, and the pipe that ends with the run."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from drillbook.common.progress import nobody, under_way
from drillbook.supervisor.clearing import ENGINE_SECONDS, QUIET, SETTLED, Remains, clear
from drillbook.supervisor.lines import Lines, say
from drillbook.supervisor.owner import LABEL, OWNER_LABEL
from drillbook.supervisor.process import MARK, look
from drillbook.supervisor.removal import DEADLINE, Removal
from drillbook.supervisor.things import listed

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path
    from types import TracebackType

    from drillbook.common.progress import Say

# Beyond the removal's own deadline: one engine call that hangs, and processes that are slow to end.
CLOSE_SECONDS = DEADLINE + 2 * ENGINE_SECONDS + 10


class Supervisor:
    """The supervisor of a run, until `close()`.

    `run` and `owner` are the values of its labels, `folder` is a private temporary folder that ends with the run.
    """

    def __init__(
        self,
        run: str,
        process: subprocess.Popen[bytes],
        said: Lines,
        *,
        owner: str,
        folder: Path,
        say: Say = nobody,
    ) -> None:
        self.run = run
        self.owner = owner
        self.folder = folder
        self._process = process
        self._said = said
        self._say = say
        self._registered: set[tuple[int, int]] = set()
        self._result: Removal | None = None
        self._pid = os.getpid()
        self._mark_before = os.environ.get(MARK)
        os.environ[MARK] = owner

    @property
    def labels(self) -> dict[str, str]:
        """The labels that everything of the run must carry."""
        return {LABEL: self.run, OWNER_LABEL: self.owner}

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the supervisor runs; where it does not, the run goes on unsupervised and should stop."""
        found = look(self.pid)  # not poll(): a supervisor that was killed keeps its pid until close()
        return self._result is None and found is not None and not found.ended

    def register(self, pid: int) -> None:
        """Has a process of the run's ended, with its group where it leads one, should it be there at the end."""
        found = look(pid)
        if found and not found.ended:
            self._registered.add((pid, found.started))
            self._tell(pid=pid, started=found.started)

    def close(self, *, settled: bool = False) -> Removal:
        """Ends the run's processes, removes what it created and its folder; says what was removed and what is left.

        `settled` promises that no request to create anything is under way, which saves three seconds.
        """
        if os.getpid() != self._pid:
            return Removal()  # a process that the run forked: not its to end
        if self._result is None:
            self._unmark()
            self._tell(end=True, settled=settled)
            _close(self._process.stdin)
            what = "removing what this run has created"
            with under_way(what, say=self._say, at_most=CLOSE_SECONDS, now=self._still_there):
                self._result = self._wait() or self._clear(settled)
            _close(self._process.stdout)
        return self._result

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(settled=kind is None)

    def _tell(self, **facts: Any) -> None:
        if self._process.stdin and not self._process.stdin.closed:
            say(self._process.stdin.fileno(), **facts)

    def _unmark(self) -> None:
        if os.environ.get(MARK) != self.owner:
            return
        if self._mark_before is None:
            del os.environ[MARK]
        else:
            os.environ[MARK] = self._mark_before

    def _wait(self) -> Removal | None:
        """What the supervisor did; None where it was killed, or does not come to an end."""
        answer = self._said.wait(CLOSE_SECONDS)
        if answer is None:
            self._process.kill()
        self._process.wait()
        return Removal(tuple(answer["removed"]), tuple(answer["left"])) if answer else None

    def _still_there(self) -> str:
        with closing(_client()) as client:
            there = Counter(thing.kind for thing in listed(client, f"{LABEL}={self.run}"))
        words = (f"{count} {kind}s" if count > 1 else f"1 {kind}" for kind, count in there.items())
        return f"still there: {', '.join(words) or 'nothing on the engine'}"

    def _clear(self, settled: bool) -> Removal:
        """Does what the supervisor would have done."""
        remains = Remains(self.owner, (f"{LABEL}={self.run}",), self.folder)
        return clear(remains, self._registered, client=_client(), quiet=SETTLED if settled else QUIET)


def _client() -> Any:
    from drillbook.doctor import engine

    try:
        return engine.client(timeout=ENGINE_SECONDS)
    except Exception:  # the SDK lets errors of five libraries through, and all mean the same here
        return None


def _close(pipe: Any) -> None:
    if pipe:
        pipe.close()
