"""A real Prometheus that scrapes itself and somebody who is gone, with alerts that really fire."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.probes import jsonpath
from drillbook.probes.measure import measure
from drillbook.probes.prometheus.noun import Prometheus

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
- job_name: gone
  params: {token: [a-secret-in-a-url]}
  static_configs: [{targets: ["127.0.0.1:1"]}]
- job_name: itself
  static_configs: [{targets: ["SELF"]}]
"""
RULES = """
groups:
- name: shop
  rules:
  - {alert: NothingServed, expr: vector(1), labels: {severity: critical}, annotations: {summary: no order for an hour}}
  - {alert: DiskFull, expr: 'label_replace(vector(95), "mount", "/data", "", "") > 90', labels: {severity: Warning}}
  - {alert: Waits, expr: vector(1), for: 1h, labels: {severity: high}}
  - {alert: Calm, expr: vector(0) > 1, labels: {severity: high}}
  - {alert: Watchdog, expr: vector(1), labels: {severity: none}}
  - {record: twice, expr: vector(1), labels: {of: a}}
  - {record: twice, expr: vector(1), labels: {of: b}}
  - {alert: Broken, expr: twice + on() twice, labels: {severity: info}}
  - {record: one, expr: vector(1)}
"""


@pytest.fixture(scope="session")
def running(start_prometheus, until) -> str:
    """One that has scraped its targets and evaluated its rules: its `HOST:PORT`."""
    address = start_prometheus({"prometheus.yml": SETTINGS, "rules.yml": RULES})
    until(lambda: known(address, "targets", "health") == {"up", "down"}, 60)
    until(lambda: known(address, "rules", "health") == {"ok", "err"}, 60)
    return address


def known(address: str, what: str, key: str) -> set[str]:
    """What its targets or rules say there."""
    data = asked(address, f"/api/v1/{what}").get("data", {})
    found = data.get("activeTargets") or [rule for group in data.get("groups", []) for rule in group["rules"]]
    return {one[key] for one in found}


def asked(address: str, path: str) -> dict[str, Any]:
    """What is answered there; nothing where nobody does."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
            return jsonpath.parse(answer.read().decode())
    except OSError:
        return {}


@pytest.fixture
def read(a_service) -> Callable[..., Prometheus]:
    """What is read of the server at an address."""

    def once(address: str, **declared: Any) -> Prometheus:
        service = a_service("prometheus", f"http://{address}", name="prometheus", deadline="2s", **declared)
        return Prometheus(service, measure([service], 0.0)["prometheus"])

    return once
