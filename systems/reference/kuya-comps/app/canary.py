"""A canary: `python -m app.canary` does every few seconds what only several calls together show, and logs what it saw.

It calls the application as a user whom nobody has seen before, and within one minute of the limiter's clock.
"""

from __future__ import annotations

import http.client
import json
import logging
import time

from standin import logs
from standin.visitor import VISITED, ticks

LOG = logging.getLogger("app.canary")
CALLS = 11  # one more than a user may make
EVERY_SECONDS = 4
LAST_SECONDS = 4  # of a minute, in which it begins nothing
TIMEOUT_SECONDS = 2.0


def ask(path: str, user: str) -> tuple[int, str, bytes]:
    """Return status, name and body of one answer."""
    connection = http.client.HTTPConnection("backend", 8000, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path, headers={"X-Forwarded-For": user})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("X-Request-ID", ""), answer.read()
    finally:
        connection.close()


def call_too_often(user: str) -> None:
    """Make one call more than is allowed; say what that one was answered, and how many answers had no name."""
    minute = time.time() // 60
    answers = [ask("/health", user) for _ in range(CALLS)]
    if time.time() // 60 != minute:
        raise TimeoutError("the minute was over before the calls were")
    names = {name for _, name, _ in answers if name}
    LOG.warning("call %d of a minute was answered %d", CALLS, answers[-1][0])
    LOG.warning("%d of %d answers had no name of their own", CALLS - len(names), CALLS)


def reckon(user: str) -> None:
    """Say by how much the hit rate is another one than hits and misses make."""
    cache = json.loads(ask("/metrics", user)[2])["cache"]
    lookups = cache["hits"] + cache["misses"]
    rate = 100 * cache["hits"] / lookups if lookups else 0.0
    LOG.warning("the hit rate is off by %.2f", abs(rate - cache["hit_rate"]))


def round_of(number: int) -> None:
    """Do it all once, as users with addresses of their own; say so where it does not come to its end."""
    place = f"{number // 250 % 250}.{number % 250}"
    try:
        call_too_often(f"198.18.{place}")
        reckon(f"198.19.{place}")
        VISITED.touch()
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        LOG.warning("no round: %s", error)


def main() -> None:
    """Go on for ever."""
    logs.configure(None)
    for number, _ in enumerate(ticks(1 / EVERY_SECONDS)):
        if time.time() % 60 < 60 - LAST_SECONDS:
            round_of(number)


if __name__ == "__main__":
    main()
