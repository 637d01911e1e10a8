"""Signals from a real application: what its JSON and its metrics say, as each kind of number."""

from __future__ import annotations

import pytest

from drillbook.probes.measure import cost
from drillbook.probes.signals import cost as cost_of_signals

HIGH = 'high = "> 1000"'
SECONDS = 'unit = "s"\nhigh = "> 1000"\nas = "age"'
SHARE = 'unit = "%"\nhigh = "< 50"\nas = "ratio"'
SKIP = 'high = "> 1"\nwhen_empty = "skip"'


def page(where: str) -> str:
    return f'{{ service = "web", path = "/status", json = "{where}" }}'


NUMBERS = [
    ("$.queue.depth", "", 17),
    ("$.yes", 'high = "no"', True),
    ("$.no", 'high = "no"', False),
    ("$.text", 'high = "< 90"\nnumbers_in_text = true', 97.3),
    ("$.nothing", 'high = "> 1"\nwhen_empty = 0', 0),
    ("$.queue.jobs", 'high = "> 1"\nas = "count"', 3),
    ("$.queue.jobs[*]", 'high = "> 1"\nas = "count"', 3),
    ("$.queue.empty[*]", 'high = "> 1"\nas = "count"', 0),
    ("$.queue.jobs[*].id", 'high = "> 1"\ntogether = "sum"', 6),
    ("$.queue.jobs[*].id", 'high = "> 1"\ntogether = "max"', 3),
    ("$.cache.hits", f'{SHARE}\nof = {{ path = "/status", json = "$.cache.all" }}', 75),
    ("$.backup.at", SECONDS, pytest.approx(3600, abs=30)),
    ("$.backup.naive", f'{SECONDS}\ntimezone = "UTC"', pytest.approx(3600, abs=30)),
    ("$.backup.epoch", SECONDS, pytest.approx(60, abs=30)),
]


def all_of(reader, table):
    """What each row's signal says, all of them read at once."""
    read = enumerate(table)
    signals = (f'[signals."a.n{at}"]\nread = {page(where)}\n{more or HIGH}\n' for at, (where, more, _) in read)
    return list(reader.observed("".join(signals)).values())


def test_each_kind_of_number(of_web):
    assert all_of(of_web, NUMBERS) == [value for _, _, value in NUMBERS]


REASONS = [
    ("$.text", "", "it is the text '97.3': if that is a number, say numbers_in_text = true"),
    ("$.words", "", "it is 'many', which is no number"),
    ("$.nothing", "", "there is nothing there"),
    ("$.nothing", SKIP, "there is nothing there"),
    ("$.queue.empty[*]", "", "there is nothing there"),
    ("$.missing", "", "/status has no $.missing"),
    ("$.missing[*].x", "", "/status has no $.missing"),
    ("$.missing[*]", 'high = "> 1"\nas = "count"', "/status has no $.missing"),
    ("$.queue", "", "it is an object"),
    ("$.queue.jobs", "", 'it is a list of 3 (as = "count" counts'),
    ("$.queue.jobs[*]", 'high = "> 1"\ntogether = "sum"', "0: it is an object"),
    ("$.cache.hits", f'{SHARE}\nof = {{ path = "/status", json = "$.cache.none" }}', "what it is a part of is 0"),
    ("$.backup.naive", SECONDS, "has no time zone: if it is UTC"),
    ("$.backup.milliseconds", SECONDS, "is it in milliseconds"),
    ("$.words", SECONDS, "which is no time"),
    ("$.yes", SECONDS, "which is no time"),
]


def test_what_is_no_number_says_why(of_web):
    for (where, more, why), said in zip(REASONS, all_of(of_web, REASONS), strict=True):
        assert why in said, (where, more)


def test_a_page_that_is_not_there_says_so(of_web):
    assert "/none answered 404" in of_web.value('{ service = "web", path = "/none", json = "$.a" }')


def test_a_page_that_is_declared_has_the_statuses_that_it_expects(of_web):
    """The application answers 404 at that path, with JSON."""

    def said(expect):
        endpoint = f'[services.web.endpoints.gone]\npath = "/gone"\nexpect = {expect}\n'
        return of_web.value('{ service = "web", path = "/gone", json = "$.detail" }', f'high = "> 1"\n{endpoint}')

    assert said('["2xx", 404]') == "it is 'Not Found', which is no number"
    assert said('["2xx", 410]').startswith("/gone answered 404")


def test_each_thing_that_the_answer_has_is_one_of_its_own(of_web, web):
    signal = f'[signals."success.rate"]\nread = {page("$.platforms.*.success")}\nunit = "%"\nhigh = "< 50"\n'
    assert of_web.observed(signal) == {"success.rate(twitter)": 97.5, "success.rate(reddit)": 40}
    assert of_web.observed(signal + 'names = ["twitter", "mastodon"]\n') == {
        "success.rate(twitter)": 97.5,
        "success.rate(mastodon)": "it is not in the answer; there are: twitter, reddit",
        "success.rate(reddit)": 40,
    }
    web.status["platforms"]["reddit"] = {"down": True}
    assert "there is nothing there" in of_web.observed(signal)["success.rate(reddit)"]


def test_items_of_a_list_may_say_what_they_are_called(of_web, web):
    def said(where="$.scrapers[*].rate", by="$.name", more=""):
        read = f'{{ service = "web", path = "/status", json = "{where}", named_by = "{by}" }}'
        return of_web.observed(f'[signals."success.rate"]\nread = {read}\nunit = "%"\nhigh = "< 50"\n{more}')

    web.status["scrapers"] = [{"name": "twitter", "rate": 90}, {"name": "reddit", "rate": 40, "id": {"of": 7}}]
    assert said() == {"success.rate(twitter)": 90, "success.rate(reddit)": 40}
    assert said("$.scrapers[?@.rate < 50].rate", "$.id.of") == {"success.rate(7)": 40}
    assert said("$.scrapers[?@.rate < 50]['rate']", more='names = ["reddit"]') == {"success.rate(reddit)": 40}
    assert said(by="$.id.of") == {"success.rate": "/status has an item (scrapers.0) that $.id.of gives no name"}
    web.status["scrapers"][1] = {"name": "reddit"}
    assert "there is nothing there" in said()["success.rate(reddit)"]
    web.status["scrapers"][1] = {"name": "twitter", "rate": 1}
    assert said() == {"success.rate": "/status has two items that are called 'twitter' at $.name"}
    web.status["scrapers"][1] = "nothing"
    assert said() == {"success.rate": "/status has an item (scrapers.1) that $.name gives no name"}


def test_only_of_several_items_each_can_say_what_it_is_called(of_web):
    read = '{ service = "web", path = "/status", json = "$.queue.depth", named_by = "$.name" }'
    (line,) = of_web.mistakes(f'[signals."a.b"]\nread = {read}\nhigh = "> 1"\n')
    assert line == ('signals.a.b.read: named_by belongs to a json that leads to several items: "$.platforms[*].rate"')


def test_one_of_them_may_have_a_limit_of_its_own(of_web):
    target = of_web.target(
        f'[signals."success.rate"]\nread = {page("$.platforms.*.success")}\nunit = "%"\nhigh = "< 50"\n'
        '[signals."success.rate(reddit)"]\nlow = "< 30"\n'
    )
    assert target.limits.of_item("success.rate", "web", "reddit").words() == "< 30 %"
    assert target.limits.of_item("success.rate", "web", "twitter").words() == "< 50 %"
    assert {"success.rate", "success.rate(reddit)"} <= target.limits.titles()
    assert target.limits.title("success.rate", "web") == "success.rate"


METRIC = 'service = "web", metric = "queue_depth"'


@pytest.mark.parametrize(
    ("read", "more", "found"),
    [
        (f'{{ {METRIC}, labels = {{ queue = "emails" }} }}', 'high = "> 1"\ntogether = "sum"', {"q.depth": 7}),
        (f'{{ {METRIC}, labels = {{ host = "a" }} }}', 'high = "> 1"', {"q.depth(emails)": 7, "q.depth(videos)": 70}),
        (f"{{ {METRIC} }}", 'high = "> 1"\ntogether = "sum"', {"q.depth": 77}),
        (f"{{ {METRIC} }}", 'high = "> 1"\ntogether = "min"', {"q.depth": 7}),
    ],
)
def test_metrics_as_they_are(of_web, read, more, found):
    assert of_web.observed(f'[signals."q.depth"]\nread = {read}\n{more}\n') == found


def test_a_metric_or_a_label_that_is_not_there_says_what_there_is(of_web):
    assert "no metric queue_dept; there are: queue_depth" in of_web.value('{ service = "web", metric = "queue_dept" }')
    missing = of_web.value(f'{{ {METRIC}, labels = {{ queue = "none" }} }}')
    assert "carries queue=none (there are: host=a,queue=emails; host=a,queue=videos)" in missing


def test_what_a_counter_grew_by_over_the_interval(of_web, web):
    sent = '{ service = "web", metric = "mails_sent" }'
    found = of_web.observed(
        f'[signals."mails.sent"]\nread = {sent}\nas = "increase"\nhigh = "< 1"\ntogether = "sum"\n'
        f'[signals."mails.rate"]\nread = {sent}\nas = "rate"\nhigh = "< 1"\ntogether = "sum"\n'
    )
    assert web.asked["/metrics"] == 5  # before all else, and twice at both ends of the interval
    assert found["mails.sent"] == 10
    assert 0 < found["mails.rate"] <= 10 / 0.2


def test_a_counter_that_went_down_is_unknown(of_web, web):
    class Falling(dict):
        def __getitem__(self, name):
            return super().__getitem__(name)

    web.falling = [3, 9]
    why = of_web.value('{ service = "web", path = "/falling", json = "$.count" }', 'as = "increase"\nhigh = "> 1"')
    assert why.startswith(
        "the counters were reset between two readings: was it restarted? If not, several processes answer"
    )


def test_a_page_is_asked_once_and_not_again_where_health_asked_it(of_web, web):
    many = "".join(
        f'[signals."a.n{number}"]\nread = {page("$.queue.depth")}\nhigh = "> 1"\n'
        f'[signals."b.n{number}"]\nread = {{ service = "web", path = "/health", json = "$.backlog" }}\nhigh = "> 1"\n'
        f'[signals."c.n{number}"]\nread = {{ {METRIC} }}\nhigh = "> 1"\n'
        for number in range(20)
    )
    target, readings = of_web.readings(many)
    assert web.asked == {"/health": 3, "/metrics": 5, "/status": 1}
    assert readings["web"].asked == cost(target.services["web"]) == 9
    assert cost_of_signals(target.services["web"]) == 1


def test_of_what_is_down_the_cause_is_told(reader):
    target, readings = reader.readings(f'[signals."a.b"]\nread = {page("$.a")}\nhigh = "> 1"\nnames = ["x", "y"]\n')
    from drillbook.probes.http.noun import Http
    from drillbook.probes.signal import Asked

    found = list(Asked(Http(target.services["web"], readings["web"]), target.limits.signals.by_name["a.b"]))
    assert [(one.of, one.value, one.because) for one in found] == [("x", None, "api.up"), ("y", None, "api.up")]
    assert "connection refused" in found[0].reason
