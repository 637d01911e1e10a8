"""An application of which one page hangs or refuses, the one that a file names; it says which process is at what."""

import json
import os
import time
from pathlib import Path

ROOM = Path(os.environ["ROOM"])
METRICS = '# TYPE requests_total counter\nrequests_total{{status="200"}} {}\n'


def app(environ, start_response):
    """Answers; the page that `hangs` names holds its process as long as that is there, `refuses` names one of 429."""
    path = environ["PATH_INFO"]
    with (ROOM / "asked").open("a") as asked:
        asked.write(f"{path}\n")
    if path == _named("refuses"):
        start_response("429 Too Many Requests", [("Retry-After", "95")])
        return [b"not so often"]
    if path == _named("hangs"):
        held = ROOM / f"held-{os.getpid()}"
        held.touch()
        while _named("hangs"):
            time.sleep(0.02)
        held.unlink()
    start_response("200 OK", [("Content-Type", "application/json")])
    said = METRICS.format(_counted()) if path == "/metrics" else json.dumps(_said(path, environ["QUERY_STRING"]))
    return [said.encode()]


def _named(file):
    try:
        return (ROOM / file).read_text()
    except FileNotFoundError:
        return ""


def _counted():
    """How much was asked so far."""
    return (ROOM / "asked").read_text().count("/")


def _said(path, query):
    """What a shop says, and a Prometheus that knows it."""
    if path == "/api/v1/query":
        sample = {"metric": {}, "value": [time.time(), str(time.time() if "time" in query else 1)]}
        return {"status": "success", "data": {"resultType": "vector", "result": [sample]}}
    return {"ok": True, "token": "of-a-shop", "depth": 3}
