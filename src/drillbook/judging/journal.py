"""The journal: one JSON line per fact of a run. Every report is made from it.

Only one process writes a journal. Each line is flushed as it is written, so that what a killed run had found out
is there to read.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import scrubbed

if TYPE_CHECKING:
    from pathlib import Path

    from drillbook.judging.verdict import Verdict

LATEST, JOURNAL = "latest", "journal.jsonl"


class Journal:
    """Writes the journal of one run; `broken` says why it could not be written to its end.

    `folder` is the run's own, or None for a run that reports to its parent and has none.
    """

    def __init__(self, descriptor: int, folder: Path | None = None) -> None:
        self.folder = folder
        self.broken = ""
        self._alone = threading.Lock()
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")

    def write(self, kind: str, **facts: Any) -> None:
        """Adds one line: its kind, the time in UTC unless `facts` say it, and `facts`, plain and without NaN."""
        line = {
            "kind": kind,
            "t": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **{name: scrubbed(fact) for name, fact in facts.items()},
        }
        text = json.dumps(line, ensure_ascii=True, allow_nan=False)
        try:
            with self._alone:
                self._file.write(f"{text}\n")
                self._file.flush()
        except OSError as error:
            self.broken = f"the journal could not be written: {error.strerror}"

    def verdict(self, target: str, verdict: Verdict, **more: Any) -> None:
        """Adds a verdict."""
        facts = asdict(verdict) | more
        facts["verdict"] = facts.pop("outcome").value
        facts["from"] = facts.pop("source")
        facts["severity"] = verdict.severity.word if verdict.severity else None
        facts["worst"] = verdict.worst.word
        self.write("verdict", target=target, **facts)

    def hold(self) -> None:
        """Says, while it is open, that its run is not over; a file system without locks cannot be told."""
        with suppress(OSError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Closes the file; a second time does nothing."""
        try:
            self._file.close()
        except OSError as error:
            self.broken = f"the journal could not be written: {error.strerror}"


def open_journal(reports: Path) -> Journal:
    """A new run's folder below `reports`, with its journal; `reports/latest` then points to it.

    Mistakes says why where the folder cannot be made or written to.
    """
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    try:
        reports.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = reports / name
        folder.mkdir(mode=0o700)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW
        journal = Journal(os.open(folder / JOURNAL, flags, 0o600), folder)
        journal.hold()
        _point(reports / LATEST, name)
    except OSError as error:
        raise Mistakes([f"cannot write a report below {reports}: {error.strerror}: choose another --reports"]) from None
    return journal


def _point(link: Path, name: str) -> None:
    draft = link.with_name(f".{LATEST}-{name}")
    draft.symlink_to(name)
    draft.replace(link)
