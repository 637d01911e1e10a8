"""From nothing to a first verdict on a service with names of its own: no line is edited, and what breaks turns red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
USER = {"POSTGRES_USER": "library", "POSTGRES_PASSWORD": "c4nary-of-the-database", "POSTGRES_DB": "library"}


@pytest.fixture
def library(start_container, a_port, until):
    """The library on a real PostgreSQL and a real Redis; its address, its variables, and the Redis."""
    _, at = start_container("POSTGRES", port=5432, environment=USER)
    cache, there = start_container("REDIS", "redis-server", "--requirepass", "c4nary-of-the-cache", port=6379)
    given = {
        "PG_DSN": f"postgresql://library:c4nary-of-the-database@{at}/library",
        "REDIS_DSN": f"redis://:c4nary-of-the-cache@{there}/0",
    }
    port = a_port()
    command = [sys.executable, "-m", "uvicorn", "--log-level", "critical", "--port", str(port), "library:app"]
    server = subprocess.Popen(command, cwd=HERE, env={**os.environ, **given})
    url = f"http://127.0.0.1:{port}"
    until(lambda: _is_well(f"{url}/api/health"))
    yield url, given, cache
    server.terminate()
    server.wait()


def _is_well(url):
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_from_nothing_to_a_first_verdict(library, project):
    url, given, cache = library
    shutil.copytree(project.checkout / "checks", project.root / "checks")
    options = ("--database-env", "PG_DSN", "--redis-env", "REDIS_DSN")
    ran = project.drillbook("init", "library", "--url", url, *options, environ=given)
    assert ran.code == 0, ran.said
    ran = project.pytest("checks", "--target", "library@local", environ={"LIBRARY_URL": url, **given})
    assert ran.code == 0, ran.said
    verdicts = project.verdicts()
    judged = {"api.up", "api.healthy", "health.store", "health.cache", "books.ok", "api.p95", "api.errors"}
    assert {verdicts[name] for name in (*judged, "database.up", "redis.up")} == {"OK"}
    cache.kill()
    ran = project.pytest("checks", "--target", "library@local", environ={"LIBRARY_URL": url, **given})
    assert ran.code == 1, ran.said
    red = {name for name, verdict in project.verdicts().items() if verdict == "BREACHED"}
    assert red == {"redis.up", "health.cache", "api.healthy"}
    everything = [path for path in project.root.rglob("*") if path.is_file()]
    assert not [path for path in everything if b"c4nary" in path.read_bytes()]
