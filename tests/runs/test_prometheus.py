"""A Prometheus in whole runs: each alert that fires is named at its severity, and PromQL is judged as any signal."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

SYSTEM = """
[system]
name = "shop"
[services.prometheus]
kind = "prometheus"
url = { env = "SHOP_URL" }
headers = { Authorization = { env = "SHOP_TOKEN", prefix = "Bearer " } }
targets = ["web"]
alerts = { severities = { sev2 = "high" } }
[signals."queue.lag"]
read = { service = "prometheus", promql = "max by (queue) (lag_seconds)" }
unit = "s"
high = "> 60"
[environments.local]
kind = "local"
"""
TITLES = (
    "prometheus.up",
    "prometheus.targets",
    "alerts.critical",
    "alerts.high",
    "alerts.medium",
    "alerts.low",
    "queue.lag(emails)",
)


@pytest.fixture
def told(shop):
    """The shop as a Prometheus: its data may be changed by path."""
    now = time.time()
    lag = {"metric": {"queue": "emails"}, "value": [now, "7"]}
    rule = {"name": "SlowOrders", "type": "alerting", "health": "ok", "labels": {"severity": "sev2"}, "alerts": []}
    data = {
        "/api/v1/query?query=time%28%29": {"resultType": "scalar", "result": [now, str(now)]},
        f"/api/v1/query?query={quote('max by (queue) (lag_seconds)', safe='')}": {
            "resultType": "vector",
            "result": [lag],
        },
        "/api/v1/targets?state=active": {"activeTargets": [{"labels": {"job": "web"}, "health": "up"}]},
        "/api/v1/rules?type=alert": {"groups": [{"rules": [rule]}]},
    }
    shop.say("/-/ready", "Prometheus Server is Ready.")
    for path, one in data.items():
        shop.say(path, {"status": "success", "data": one})

    def fire(name, severity):
        alert = {"state": "firing", "labels": {"alertname": name, "severity": severity}}
        groups = [{"rules": [rule | {"name": name, "alerts": [alert]}]}]
        shop.say("/api/v1/rules?type=alert", {"status": "success", "data": {"groups": groups}})

    shop.fire = fire
    return shop


@pytest.fixture
def watched(project, told):
    """A project whose only service is that Prometheus."""
    project.write("systems/shop/system.toml", SYSTEM)
    for check in ("test_kinds.py", "test_signals.py"):
        project.write(f"checks/{check}", (project.checkout / "checks" / check).read_text())
    project.environ |= {"SHOP_URL": told.url, "SHOP_TOKEN": told.token}
    return project


def run(project, *arguments):
    return project.pytest("checks", "--target", "shop@local", "--interval", "0.1", *arguments)


def test_all_is_judged_and_each_question_is_asked_once(watched, told):
    ran = run(watched)
    assert ran.code == 0, ran.said
    assert watched.verdicts() == dict.fromkeys(TITLES, "OK")
    assert len(told.asked) == len(set(told.asked)) == 5


def test_an_alert_that_fires_is_named_at_its_severity(watched, told):
    told.fire("SlowOrders", "sev2")
    ran = run(watched)
    assert ran.code == 1, ran.said
    assert "HIGH alerts.high: 1 alerts > 0 alerts" in ran.said
    assert "SlowOrders" in ran.said
    assert {title for title, said in watched.verdicts().items() if said != "OK"} == {"alerts.high"}


def test_an_alert_that_nobody_knows_the_severity_of_is_unknown(watched, told):
    told.fire("Strange", "P1")
    ran = run(watched)
    assert ran.code == 11, ran.said
    wanted = "Strange fires with severity 'P1': say what that means in services.prometheus.alerts.severities"
    assert wanted in ran.said
    assert watched.verdicts()["alerts.critical"] == "UNKNOWN"


def test_one_that_is_starting_is_red_and_the_rest_is_unknown_because_of_it(watched, told):
    for path in list(told.answers):
        told.say(path, "Service Unavailable", 503)
    ran = run(watched)
    assert ran.code == 1, ran.said
    assert "HIGH prometheus.up: no, /-/ready answered 503: Service Unavailable" in ran.said
    found = watched.verdicts()
    assert found.pop("prometheus.up") == "BREACHED"
    assert found == dict.fromkeys((*TITLES[1:-1], "queue.lag"), "UNKNOWN")
    told.token = "another"
    refused = run(watched)
    assert "login refused for prometheus (/api/v1/query answered 401): check $SHOP_TOKEN" in refused.said
    assert told.token not in refused.said


def test_a_severity_that_there_is_not_is_a_mistake_in_words(watched):
    watched.edit("systems/shop/system.toml", 'sev2 = "high"', 'sev2 = "urgent"')
    ran = run(watched)
    assert ran.code == 4, ran.said
    assert "services.prometheus.alerts.severities.sev2: " in ran.said
    assert "Traceback" not in ran.said
