"""What judges stored readings stays cheap: client libraries are loaded only where a service of their kind is read."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import drillbook.probes.measure, drillbook.probes.http.noun, drillbook.probes.postgres.noun, drillbook.probes.redis.noun
import drillbook.probes.celery.noun, drillbook.probes.host.noun, drillbook.probes.aws.noun
heavy = {"httpx", "httpcore", "anyio", "psycopg", "redis", "pytest", "docker", "boto3", "prometheus_client"}
heavy &= set(sys.modules)
print(sorted(heavy))
"""

ASKING = """
import sys
import drillbook.probes.http.reading
heavy = {"rich", "click", "pygments"} & set(sys.modules)
import httpx._main
print(sorted(heavy), callable(httpx._main.main))
"""


def test_nouns_and_measure_load_no_client_library():
    assert said(CODE) == "[]"


def test_a_page_is_asked_for_without_the_command_line_of_httpx_which_stays_there_for_others():
    assert said(ASKING) == "[] True"


def said(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout.strip()
