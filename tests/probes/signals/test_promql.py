"""Signals from a real Prometheus: what PromQL gives as numbers, and what is none, with the server's own words."""

from __future__ import annotations

import re
import urllib.request

import pytest

from drillbook.probes.measure import cost

RULES = """
groups:
- name: shop
  interval: 1s
  rules:
  - {record: lag_seconds, expr: vector(7), labels: {queue: emails}}
  - {record: lag_seconds, expr: vector(70), labels: {queue: videos}}
  - {record: waiting, expr: vector(3), labels: {queue: emails, host: a}}
  - {record: waiting, expr: vector(4), labels: {queue: emails, host: b}}
  - {record: backup_at, expr: vector(time() - 60)}
  - {record: last, expr: vector(1)}
"""
HIGH = 'high = "> 1000"'
AGE = 'as = "age"\nunit = "s"\nhigh = "> 86400"'
COUNT = 'as = "count"\nhigh = "> 90"'
SHARE = 'as = "ratio"\nunit = "%"\nhigh = "> 90"\nof = { promql = "sum(lag_seconds)" }'


@pytest.fixture(scope="module")
def prometheus(start_prometheus, until):
    """One that has these series, and no others: its `HOST:PORT`."""
    address = start_prometheus({"prometheus.yml": "rule_files: [rules.yml]", "rules.yml": RULES})
    until(lambda: '"result":[{' in page(address, "/api/v1/query?query=last"), 60)
    return address


def page(address, path):
    """What it answers there; nothing where it does not yet."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def accepted(address):
    """How many connections it has accepted, as it counts them itself; that of this question included."""
    counter = r'^net_conntrack_listener_conn_accepted_total{listener_name="http"} (\S+)'
    return float(re.search(counter, page(address, "/metrics"), re.MULTILINE)[1])


@pytest.fixture
def of_prometheus(reader, prometheus):
    """A reader of the Prometheus."""
    reader.environ["SHOP_PROMETHEUS"] = f"http://{prometheus}"
    return reader


def promql(query, more=HIGH, name="a.signal", label=""):
    by = f', label = "{label}"' if label else ""
    return f"[signals.\"{name}\"]\nread = {{ service = \"prom\", promql = '''{query}'''{by} }}\n{more}\n"


def test_each_kind_of_answer(of_prometheus):
    found = of_prometheus.observed(
        promql("max(lag_seconds)", name="a.number")
        + promql("scalar(max(lag_seconds))", name="a.scalar")
        + promql("lag_seconds", name="each.queue")
        + promql("waiting", name="each.both")
        + promql("waiting", name="each.host", label="host")
        + promql("waiting", f'{HIGH}\ntogether = "sum"', name="all.together")
        + promql("backup_at", AGE, name="an.age")
        + promql("lag_seconds > 10", COUNT, name="a.count")
        + promql("lag_seconds > 100", COUNT, name="a.count_of_none")
        + promql("sum(lag_seconds)", SHARE, name="a.share")
        + promql("lag_seconds > 100", f"{HIGH}\nwhen_empty = 0", name="a.calm")
    )
    assert found.pop("an.age") == pytest.approx(60, abs=30)
    assert found == {
        "a.number": 70,
        "a.scalar": 70,
        "each.queue(emails)": 7,
        "each.queue(videos)": 70,
        "each.both(host=a,queue=emails)": 3,
        "each.both(host=b,queue=emails)": 4,
        "each.host(a)": 3,
        "each.host(b)": 4,
        "all.together": 7,
        "a.count": 1,
        "a.count_of_none": 0,
        "a.share": 100,
        "a.calm": 0,
    }


def test_what_must_be_there_and_is_not_says_what_is(of_prometheus):
    found = of_prometheus.observed(promql("lag_seconds", f'{HIGH}\nnames = ["emails", "sms"]'))
    assert found["a.signal(sms)"] == "it is not in the answer; there are: emails, videos"


REASONS = [
    ("lag_second", "", "there is nothing there: where that is usual, say when_empty"),
    ("vector(0) / 0", "", "vector(0) / 0 gives NaN: nothing was counted in the time that it is over"),
    ("vector(1) / 0", "", "it is inf, which is no number"),
    ("lag_seconds[5m]", "", "lag_seconds[5m] gives 'matrix', not one number: is it a range?"),
    ("'text'", "", "'text' gives 'string', not one number"),
    ("sum(lag_seconds", "", 'prom, asked for sum(lag_seconds, answered 400: invalid parameter "query": '),
    ("up + on() (lag_seconds or waiting)", "", "there is nothing there"),
    ("last + on() lag_seconds", "", "answered 422: "),
    ("waiting", "queue", "waiting gives several series called 'emails': make one of them, with sum by (queue) (…)"),
    ("waiting", "zone", "waiting gives a series without the label 'zone' (it has: __name__, host, queue)"),
]


def test_what_is_no_number_says_why(of_prometheus):
    signals = "".join(promql(query, name=f"a.n{at}", label=by) for at, (query, by, _) in enumerate(REASONS))
    for (query, _, why), said in zip(REASONS, of_prometheus.observed(signals).values(), strict=True):
        assert why in said, query


def test_what_is_nan_is_skipped_where_that_is_usual(of_prometheus):
    from drillbook.probes.prometheus.noun import Prometheus
    from drillbook.probes.signal import Asked

    target, readings = of_prometheus.readings(promql("vector(0) / 0"))
    (found,) = Asked(Prometheus(target.services["prom"], readings["prom"]), target.limits.signals.by_name["a.signal"])
    assert (found.value, found.idle) == (None, True)


def test_all_are_asked_over_one_connection_and_the_same_query_once(of_prometheus, prometheus):
    many = "".join(promql(f"max(lag_seconds) + {at % 30}", name=f"a.n{at}") for at in range(60))
    before = accepted(prometheus)
    target, readings = of_prometheus.readings(many)
    assert readings["prom"].asked == cost(target.services["prom"]) == 4 + 30
    assert accepted(prometheus) - before == 1 + 1 + 1, "for what is asked of any, for the signals, and for this count"


def test_of_one_that_is_down_the_cause_is_told(reader):
    found = reader.observed(promql("max(lag_seconds)"))
    assert found["a.signal"] == "prometheus.up is red: /-/ready: connection refused"


@pytest.mark.parametrize("how", ["rate", "increase"])
def test_what_grows_is_said_in_promql(reader, how):
    (line,) = reader.mistakes(promql("sum(sent_total)", f'{HIGH}\nas = "{how}"'))
    assert line == f'signals.a.signal.as: of a Prometheus it is said in PromQL: {how}(…[5m]), and as = "value"'


def test_a_wrong_key_is_said_in_words(reader):
    (line,) = reader.mistakes(f'[signals."a.signal"]\nread = {{ service = "prom", sql = "SELECT 1" }}\n{HIGH}\n')
    assert line == (
        "signals.a.signal.read.sql: from a service of kind prometheus that cannot be read "
        "(keys: service, promql, label)"
    )
