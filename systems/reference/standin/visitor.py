"""A visitor: asks the API at a fixed rate, whatever becomes of the answers, and never gives up.

The rate is kept open-loop: a slow answer delays no later question. Before that it goes round once, until everything was
served, so that the cache is warm, and says so: the file VISITED is there.
"""

from __future__ import annotations

import itertools
import logging
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LOG = logging.getLogger("standin.visitor")

VISITED = Path("/tmp/visited")  # noqa: S108 - in a container of its own
TIMEOUT_SECONDS = 2.0
PAUSE_SECONDS = 0.2
THREADS = 16  # more than can be under way at once: five a second, two seconds each


def ask(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """Ask once and return whether it was served; failures are the API's business to count, and ours to mention."""
    asked = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310 - our own API's
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - our own API's
            answer.read()
    except OSError as error:
        LOG.warning("%s: %s", url, error)
        return False
    return True


def ticks(per_second: float) -> Iterator[None]:
    """Yield at a fixed rate; ticks missed by a stopped clock are left out, not made up for."""
    due = time.monotonic()
    while True:
        due = max(due + 1 / per_second, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))
        yield


def visit(
    base: str,
    paths: Sequence[str],
    *,
    after: Sequence[str] = (),
    per_second: float = 5.0,
    headers: Sequence[Mapping[str, str]] = ({},),
) -> None:
    """Go round `paths` for ever, once what is at the addresses `after` was served.

    The `headers` are those of different visitors, who take turns.
    """
    for url in (*after, *dict.fromkeys(base + path for path in paths)):
        while not ask(url, headers[0]):
            time.sleep(PAUSE_SECONDS)
    VISITED.touch()
    with ThreadPoolExecutor(THREADS) as threads:
        for path, sent, _ in zip(itertools.cycle(paths), itertools.cycle(headers), ticks(per_second), strict=False):
            threads.submit(ask, base + path, sent)
