"""What a Prometheus answers that is odd, or somebody else in its place: no verdict is made of it."""

from __future__ import annotations

import json

import pytest

from drillbook.probes.prometheus.noun import Prometheus

NOW = 1_800_000_000
TIME = json.dumps({"status": "success", "data": {"resultType": "scalar", "result": [NOW, str(NOW)]}})
RULE = {"name": "DiskFull", "type": "alerting", "health": "ok", "labels": {"severity": "page"}, "alerts": []}


def told(**data):
    return json.dumps({"status": "success", "data": data})


def rules(*found):
    return told(groups=[{"rules": list(found)}])


def target(job, **more):
    return {"labels": {"job": job, "instance": "10.0.0.7:80"}, "health": "up", "lastError": ""} | more


@pytest.fixture
def server(a_service, a_page, some_readings):
    """One that answers so: pages, or texts."""

    def make(*, declared=None, **answers):
        usual = {"ready": "Ready.", "query": TIME, "targets": told(activeTargets=[target("web")]), "rules": rules(RULE)}
        pages = {name: a_page(one) if isinstance(one, str) else one for name, one in (usual | answers).items()}
        service = a_service("prometheus", "http://prometheus:9090", name="prometheus", **(declared or {}))
        return Prometheus(service, some_readings({"answers": pages}))

    return make


def test_all_is_well(server):
    well = server()
    assert well.answers().value is True
    assert (well.targets_down().value, well.critical_alerts().value) == (0, 0)
    assert [well.targets_down().at_least, well.critical_alerts().at_least] == [False, False]


def test_what_is_not_up(server, a_page):
    assert server(ready=a_page(status=404)).answers().value is True, "Mimir says so elsewhere"
    assert server(query=a_page("no healthy upstream", status=503)).answers().value is False
    lost = server(ready=a_page(error={"kind": "unknown", "reason": "the name does not resolve"})).answers()
    assert (lost.value, lost.reason) == (None, "the name does not resolve")


@pytest.mark.parametrize(
    ("page", "status", "reason"),
    [
        ("<html>sign in", 200, "asked for the time: it answered 200: <html>sign in: is this a Prometheus?"),
        ("", 401, "login refused for prometheus (/api/v1/query answered 401)"),
        ("", 429, "/api/v1/query answered 429: it is asked too often: state a budget"),
        (json.dumps({"status": "error", "error": "no org id"}), 400, "asked for the time, answered 400: no org id"),
        (told(resultType="matrix", result=[]), 200, "the time gives 'matrix'"),
    ],
)
def test_who_does_not_answer_as_a_prometheus_is_unknown(server, a_page, page, status, reason):
    answer = server(query=a_page(page, status=status)).answers()
    assert answer.value is None
    assert reason in answer.reason


def test_what_it_does_not_have_is_not_covered_unless_the_file_declares_it(server, a_page):
    none = a_page("404 page not found", status=404)
    found = server(targets=none, rules=none)
    assert {found.targets_down().applies, found.high_alerts().applies} == {False}
    declared = server(targets=none, rules=none, declared={"targets": ["web"], "alerts": {}})
    assert {declared.targets_down().applies, declared.high_alerts().applies} == {True}


def test_a_target_that_has_not_been_scraped_may_be_down(server):
    found = server(targets=told(activeTargets=[target("web"), target("new", health="unknown")])).targets_down()
    assert (found.value, found.at_least, found.reason) == (0, True, "new/10.0.0.7:80 has not been scraped yet")


def test_many_are_counted_and_the_first_are_named(server):
    many = [target(f"j{number}", health="down", lastError="") for number in range(9)]
    found = server(targets=told(activeTargets=many)).targets_down()
    assert found.value == 9
    assert found.reason.startswith("j0/10.0.0.7:80: it does not say why; j1/")
    assert found.reason.endswith("; and 3 more")


def test_a_rule_that_has_not_been_evaluated_might_fire(server):
    found = server(rules=rules(RULE, RULE | {"name": "New", "health": "unknown"})).critical_alerts()
    assert (found.value, found.at_least, found.reason) == (0, True, "New has not been evaluated yet")


def test_recording_rules_alone_are_no_alerts(server):
    found = server(rules=rules({"name": "one", "type": "recording", "health": "ok"}), declared={"alerts": {}})
    assert found.low_alerts().reason == "it has no alerting rules: does rule_files match anything?"


@pytest.mark.parametrize("odd", [told(), told(groups={}), told(groups=[{"rules": "none"}]), told(groups=["none"])])
def test_nonsense_is_unknown(server, odd):
    assert "is not what a Prometheus says" in server(rules=odd).low_alerts().reason
    assert "is not what a Prometheus says" in server(targets=odd).targets_down().reason


@pytest.mark.parametrize("alerts", [None, "none", [None], [{"state": "firing", "labels": None, "annotations": 7}]])
def test_nonsense_inside_a_rule_is_no_crash(server, alerts):
    found = server(rules=rules(RULE | {"alerts": alerts})).critical_alerts()
    assert found.value == 0
    assert found.at_least is (isinstance(alerts, list) and alerts != [None])
