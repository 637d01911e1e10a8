"""Several worker processes, each with counters of its own, are told from one; nothing of theirs is a measurement."""

from __future__ import annotations

import pytest

from drillbook.probes.http.figures import one_process
from drillbook.probes.http.noun import Http
from drillbook.probes.measure import Meter

METRICS = {"requests": "http_requests_total"}
JSON = {"format": "json", "requests": "$.requests", "errors": "$.errors"}


def text(good: float, bad: float = 0, more: str = "") -> str:
    return f'http_requests_total{{status="200"}} {good}\nhttp_requests_total{{status="500"}} {bad}\n{more}'


def document(requests: int, errors: int = 0) -> str:
    return f'{{"requests": {requests}, "errors": {errors}}}'


WORKERS = {"declared": METRICS, "page": text}, {"declared": JSON, "page": document}
A, B = (11_000, 0), (19_000, 600)


def reasons(api):
    found = [api.error_ratio(), api.traffic()]
    assert [one.value for one in found] == [None, None]
    return {one.reason for one in found}


@pytest.mark.parametrize("kind", WORKERS, ids=["text", "json"])
@pytest.mark.parametrize(
    ("earlier", "first", "again", "second", "at_last"),
    [
        (A, A, A, B, A),
        (B, A, A, (20_000, 0), B),
        (A, A, B, B, B),
        (A, A, A, B, (26_000, 700)),
        (A, A, (11_001, 0), B, (100, 0)),
    ],
)
def test_workers_that_answer_in_turn_are_no_measurement(metered, kind, earlier, first, again, second, at_last):
    pages = [kind["page"](*one) for one in (earlier, first, again, second, at_last)]
    api = metered(pages[1], pages[3], declared=kind["declared"], earlier=pages[0], again=(pages[2], pages[4]))
    (reason,) = reasons(api)
    assert reason.startswith("several processes answer, each with counters of its own: let them share")
    assert 'metrics.from = "prometheus"' in reason


@pytest.mark.parametrize("kind", WORKERS, ids=["text", "json"])
def test_one_process_whose_traffic_goes_on_is_measured(metered, kind):
    pages = [kind["page"](*one) for one in ((0, 0), (1000, 0), (1010, 1), (4000, 300), (4020, 302))]
    api = metered(pages[1], pages[3], declared=kind["declared"], earlier=pages[0], again=(pages[2], pages[4]))
    assert api.error_ratio().value == pytest.approx(10.0, rel=0.1)
    assert api.traffic().value == pytest.approx(1000, rel=0.1)


@pytest.mark.parametrize("name", ["process_start_time_seconds", "http_requests_created", "process_pid"])
def test_a_process_that_says_who_it_is_is_told_from_another(metered, name):
    one, other = (text(good, more=f"{name} {who}\n") for good, who in ((10, 100), (20, 200)))
    (reason,) = reasons(metered(one, other, declared=METRICS))
    assert reason.startswith(
        "the counters were reset between two readings: was it restarted? If not, several processes"
    )
    (reason,) = reasons(metered(one, other, declared=METRICS, earlier=other))
    assert reason.startswith("several processes answer")


def test_our_own_readings_of_the_page_are_nobody_s_traffic(metered):
    pages = [text(good) for good in (10, 11, 12, 13)]
    api = metered(pages[0], pages[2], declared=METRICS, again=(pages[1], pages[3]))
    assert api.traffic().value == 0
    assert (api.error_ratio().value, api.error_ratio().idle) == (None, True)


@pytest.mark.parametrize("kind", WORKERS, ids=["text", "json"])
def test_counters_that_do_not_move_while_we_are_served_are_dead(metered, kind):
    page = kind["page"](500)
    (reason,) = reasons(metered(page, page, declared=kind["declared"], earlier=page, again=(page, page), served=3))
    assert reason.startswith("the counters are dead: 3 requests of our own were served, and nothing was counted")


@pytest.mark.parametrize("kind", WORKERS, ids=["text", "json"])
def test_counters_that_count_us_and_nobody_else_say_that_there_is_no_traffic(metered, kind):
    earlier, page = kind["page"](500), kind["page"](503)
    api = metered(page, page, declared=kind["declared"], earlier=earlier, again=(page, page), served=3)
    assert api.traffic().value == 0


@pytest.mark.parametrize(
    ("who", "several"),
    [("", False), ("aaaa", False), ("aabb", False), ("abc", False), ("aba", True), ("abba", True), ("abcb", True)],
)
def test_who_comes_again_was_there_all_the_time(who, several):
    for one in who:
        one_process.remember(("web", who), f"process_start_time_seconds {ord(one)}\nhttp_requests_total {one}\n")
        one_process.remember(("web", who), "http_requests_total 7\n")
    assert one_process.in_turn(("web", who)) is several
    for _ in range(one_process.LATELY):
        one_process.remember(("web", who), "process_pid 1")
    assert not one_process.in_turn(("web", who)), "it was long ago"


def test_in_which_order_the_workers_of_one_page_stand_is_nobody():
    for order in ("12", "21", "12"):
        lines = (f'process_start_time_seconds{{worker="{one}"}} {one}\n' for one in order)
        one_process.remember("in some order", "".join(lines))
    assert not one_process.in_turn("in some order")


def test_several_that_were_seen_are_several_when_one_of_them_answers_alone(server, a_service):
    web = a_service("http", server.address, health={"path": "/health"}, metrics=METRICS)
    server.say("/health", "{}")
    meter, reasons = Meter([web], 0.0), []
    for who in (1, 2, 1, 1):
        server.say("/metrics", text(100 * who, more=f"process_start_time_seconds {who}\n"))
        reasons.append(Http(web, meter.measure()[web.name]).traffic().reason)
    assert reasons[0].startswith("no traffic in 0.0 s: ")
    assert reasons[1].startswith("the counters were reset between two readings: was it restarted?")
    assert [one.split(",")[0] for one in reasons[2:]] == ["several processes answer"] * 2
