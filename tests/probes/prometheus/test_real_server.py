"""A real Prometheus: what is down, what fires and how bad that is; and one that is starting, gone, or behind a path."""

from __future__ import annotations

import socket

SCRAPED = {"ready": 200, "query": 200, "targets": 200, "rules": 200}


def test_it_is_up_and_asked_four_questions(running, read):
    found = read(running)
    assert found.answers().value is True
    assert (found.by, found.readings.asked) == (f"prometheus {running}", 4)
    assert {name: page["status"] for name, page in found.readings.first["answers"].items()} == SCRAPED


def test_a_target_that_is_down_is_named_with_its_reason_and_without_what_was_asked(running, read):
    down = read(running).targets_down()
    assert (down.value, down.unit, down.at_least) == (1, "targets", False)
    assert down.reason == "gone/127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused"


def test_a_target_that_it_must_know_and_does_not_may_be_down_too(running, read):
    known = read(running, targets=["gone", f"itself/{running}"]).targets_down()
    assert (known.value, known.at_least) == (1, False)
    unknown = read(running, targets=["web", "itself/10.0.0.7:8000"]).targets_down()
    assert (unknown.value, unknown.at_least) == (1, True)
    assert (
        "; it knows no target web (its jobs: gone, itself); it knows no target itself/10.0.0.7:8000" in unknown.reason
    )


def test_alerts_that_fire_are_counted_by_severity_and_named(running, read):
    server = read(running)
    found = {word: getattr(server, f"{word}_alerts")() for word in ("critical", "high", "medium", "low")}
    assert {word: (one.value, one.unit) for word, one in found.items()} == {
        "critical": (1, "alerts"),
        "high": (0, "alerts"),  # what is pending does not fire
        "medium": (1, "alerts"),
        "low": (0, "alerts"),
    }
    assert found["critical"].reason == "NothingServed (no order for an hour)"
    assert found["medium"].reason == "DiskFull (mount=/data)"


def test_a_rule_that_cannot_be_evaluated_might_fire(running, read):
    low = read(running).low_alerts()
    assert low.at_least
    assert low.reason.startswith("Broken cannot be evaluated: found duplicate series for the match group")


def test_what_alerts_say_of_how_bad_they_are_is_the_files_to_say(running, read):
    server = read(running, alerts={"severities": {"critical": "low"}, "ignore": ["Broken"]})
    assert (server.critical_alerts().value, server.low_alerts().value) == (0, 1)
    critical = server.critical_alerts()
    assert critical.at_least
    wanted = "Watchdog fires with severity 'none': say what that means in services.prometheus.alerts.severities"
    assert critical.reason == wanted
    without = read(running, alerts={"label": "team", "severities": {"": "high"}})
    assert (without.high_alerts().value, without.critical_alerts().value) == (2, 0)


def test_one_that_is_starting_is_not_up(start_prometheus, read, until):
    block = "data/01BX5ZZKBKACTAV9WEVGEMMVRZ"
    waits = f"mkdir -p {block}/chunks; mkfifo {block}/meta.json"  # nobody writes: it waits for that block for ever
    address = start_prometheus({"prometheus.yml": ""}, first=waits)
    until(lambda: read(address).readings.first["answers"]["ready"]["status"], 60)
    starting = read(address)
    assert starting.answers().value is False
    assert starting.answers().reason == "/-/ready answered 503: Service Unavailable"
    assert starting.targets_down().because == starting.critical_alerts().because == "prometheus.up"


def test_one_with_a_path_and_nothing_to_do(start_prometheus, read, until):
    address = start_prometheus({"prometheus.yml": ""}, "--web.route-prefix=/prom")
    until(lambda: read(f"{address}/prom").answers().value, 60)
    idle = read(f"{address}/prom/")
    assert idle.targets_down().reason == "it has no targets: does its service discovery find any?"
    assert not idle.critical_alerts().applies
    stated = read(f"{address}/prom", alerts={}).critical_alerts()
    assert (stated.value, stated.applies) == (None, True)
    assert stated.reason == "it has no alerting rules: does rule_files match anything?"
    wrong = read(address).answers()
    assert wrong.value is None
    assert wrong.reason == (
        "prometheus, asked for the time: it answered 404: 404 page not found: is this a Prometheus?"
    )


def test_one_that_is_gone_is_down(read, a_port):
    gone = read(f"127.0.0.1:{a_port()}")
    assert (gone.answers().value, gone.answers().reason) == (False, "/-/ready: connection refused")
    assert gone.low_alerts().because == "prometheus.up"


def test_one_that_hangs_is_down_and_asked_one_question_alone(read):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        hangs = read(f"127.0.0.1:{mute.getsockname()[1]}")
    assert (hangs.answers().value, hangs.answers().reason) == (False, "/-/ready: no answer within 2 s")
    assert hangs.readings.asked == 1
    assert hangs.readings.first["answers"]["rules"]["error"]["reason"].startswith("not asked: /-/ready: no answer")
