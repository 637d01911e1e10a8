"""A Prometheus that knows several services: none of them is held up by what it answers another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drillbook.probes import seat
from drillbook.probes.http.noun import Http
from drillbook.probes.measure import Meter
from drillbook.probes.prometheus.noun import Prometheus
from drillbook.probes.prometheus.table import PromqlRead
from drillbook.probes.signal import Asked
from drillbook.probes.turns import Turns
from drillbook.system.signals import Signal, SignalTable

EVERY = 30.0
QUERY = "/api/v1/query"
QUERIED = {"from": "prometheus", "server": "prometheus", "up": "up", "rate": "sum(rate(requests_total[1m]))"}


@pytest.fixture
def server(web, a_service):
    """The Prometheus."""
    return a_service("prometheus", web.address, name="prometheus", deadline="1s")


@pytest.fixture
def apps(web, a_service, server):
    """So many services that it knows."""

    def make(count, **how):
        names = [f"app{number}" for number in range(count)]
        table = {"health": {"path": "/health"}, "metrics": QUERIED, "samples": 1, **how}
        return [replace(a_service("http", web.address, name=name, **table), server=server) for name in names]

    return make


def test_once_the_first_service_was_asked_about_the_others_are_side_by_side(web, apps):
    """It answers a question about any but the first service only once all of them are asked."""
    services, web.alone, web.together = apps(4), len(("up", "rate", "scraped")), 3
    found = Meter(services, 0.0, Turns(EVERY)).measure()
    nouns = [Http(one, found[one.name]) for one in services]
    assert [noun.answers().value for noun in nouns] == [True] * 4
    assert [noun.traffic().value for noun in nouns] == [1.0] * 4


def test_a_reading_may_take_as_long_as_the_server_that_it_asks(web, apps, server, monkeypatch):
    given, hurried = [], seat.hurried

    async def noting(reading, seconds):
        given.append(seconds)
        return await hurried(reading, seconds)

    monkeypatch.setattr(seat, "hurried", noting)
    Meter(apps(1, deadline="100ms"), 0.0).measure()
    assert max(given) > 6 * server.declared.seconds


def test_a_round_begins_once_for_the_server_of_several(web, apps, server):
    begun = []

    class Noting(Turns):
        def begin_for_others(self, service):
            begun.append(service.name)
            super().begin_for_others(service)

    Meter(apps(3), 0.0, Noting(EVERY)).measure()
    assert begun == ["prometheus"]


def test_signals_that_were_not_asked_because_something_hung_before_do_not_hang(web, server, clock):
    table = SignalTable.model_validate({"read": {"service": "prometheus"}, "high": "> 5"})
    signal = Signal("some.number", table, PromqlRead(service="prometheus", promql="up"))
    service, roster = replace(server, signals={signal.name: signal}), Turns(EVERY)
    meter, reasons = Meter([service], 0.0, roster), []

    def asked(**wrong):
        web.wrong = wrong
        readings = meter.measure()["prometheus"]
        clock.now += EVERY
        observed = next(iter(Asked(Prometheus(service, readings), signal)))
        reasons.append(observed.reason)
        return readings, observed

    for _ in range(2):
        asked(**{QUERY: "hang"})
    readings, observed = asked(**{QUERY: "hang"})
    assert readings.hangs == "", "nothing hung in this round"
    assert observed.reason.count("(asked 30 s ago, again in 30 s)") == 1
    assert roster.lines == [f"prometheus query is mute: asked again in {gap} s" for gap in (30, 60)]
    assert asked()[1].value == 1
    assert asked()[1].value == 1
