"""`python -m drillbook.load.generator FILE`: tells what the profile in FILE is, waits to be told where to go, runs it.

Standard input and output are lines of JSON. It says `profile`, or `mistakes` (exit code 4). It is told `host`,
`headers` and `read_only`; it says once a second what has ended since, and in the end `ended` (0) or `refused` (12).
It ends when its standard input does.
"""

from __future__ import annotations

import gc
import logging
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import keep_header, keep_secrets_of, scrub
from drillbook.load.generator.loading import load
from drillbook.load.generator.run import Run
from drillbook.load.generator.wire import Wire, end

CRASHED, MISTAKES, REFUSED = 3, 4, 12


def main() -> None:
    """Does all of it, and ends the process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # at once, and without a traceback
    logging.getLogger().addHandler(logging.NullHandler())  # what goes wrong is in the samples, in words
    wire = Wire()
    try:
        end(_live(wire, Path(sys.argv[1])))
    except Exception:
        sys.stderr.write(scrub(traceback.format_exc()))
        sys.stderr.flush()
        end(CRASHED)


def _live(wire: Wire, file: Path) -> int:
    try:
        loaded = load(file)
    except Mistakes as mistakes:
        wire.say(mistakes=mistakes.lines)
        return MISTAKES
    wire.say(profile=loaded.facts())
    gc.collect()
    gc.freeze()  # what is here stays: to look through it again and again would hold visitors up
    last = Run(loaded, wire, **_known(wire.hear())).go()
    wire.say(**last)
    return REFUSED if "refused" in last else 0


def _known(where: dict[str, Any]) -> dict[str, Any]:
    """Where to go, once what is secret in it is known as such."""
    keep_secrets_of(where["host"])
    for value in where["headers"].values():
        keep_header(value)
    return where


if __name__ == "__main__":
    main()
