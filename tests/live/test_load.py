"""The demo profile against a real copy: red under a stricter limit, and never green without an API."""

from __future__ import annotations

import re
import subprocess

import pytest

DEMO = ("load", "--target", "deal-scout@local", "--profile", "demo")
SYSTEM = "systems/deal-scout/system.toml"


@pytest.mark.proof
def test_with_a_limit_under_what_it_measures_it_is_red(deal_scout):
    deal_scout.edit(SYSTEM, 'medium = "> 500"', 'low = "> 0.1"')  # the only rung: on a busy machine a copy is slow
    try:
        ran = deal_scout.load(*DEMO)
    finally:
        deal_scout.edit(SYSTEM, 'low = "> 0.1"', 'medium = "> 500"')
    assert ran.code == 1, ran.said
    assert re.search(r"^LOW api\.p95\(demo\): [\d.]+ ms > 0\.1 ms, .*runbook: API Latency$", ran.said, re.MULTILINE)


@pytest.mark.proof
def test_with_the_api_stopped_it_is_refused_and_not_green_where_it_is_insisted_on(deal_scout):
    [name] = re.findall(r"as compose project (\S+)", deal_scout.first_up)
    compose = ["docker", "compose", "--project-name", name]
    subprocess.run([*compose, "kill", "backend"], check=True, capture_output=True)
    try:
        ran = deal_scout.load(*DEMO)
        insisted = deal_scout.load(*DEMO, "--confirm", "load deal-scout@local")
    finally:
        subprocess.run([*compose, "start", "backend"], check=True, capture_output=True)
        again = deal_scout.drillbook("up", "deal-scout")
    assert again.code == 0, again.said
    assert ran.code == 12, "whoever takes its port now is a stranger"
    assert "no running container of ours answers for deal-scout@local" in ran.said
    assert insisted.code == 1, insisted.said
    assert "CRITICAL api.errors(demo): 100 % > 5 %" in insisted.said
