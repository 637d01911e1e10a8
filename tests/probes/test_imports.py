"""What judges stored readings stays cheap: client libraries are loaded only where a service of their kind is read."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import drillbook.probes.measure, drillbook.probes.http, drillbook.probes.postgres, drillbook.probes.redis
import drillbook.probes.celery, drillbook.probes.host
heavy = {"httpx", "httpcore", "anyio", "psycopg", "redis", "pytest", "docker", "prometheus_client"} & set(sys.modules)
print(sorted(heavy))
"""


def test_nouns_and_measure_load_no_client_library():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.strip() == "[]"
