"""Signals from CloudWatch, as moto has it: the newest datapoint that is whole, none, an old one; by one request."""

from __future__ import annotations

import re

import pytest

from drillbook.probes.measure import cost


def signal(name, metric="Errors", more='high = "> 3"', **keys):
    named = {"service": '"cloud"', "namespace": '"AWS/Lambda"', "metric": f'"{metric}"', "statistic": '"Sum"', **keys}
    read = ", ".join(f"{key} = {value}" for key, value in named.items())
    return f'[signals."{name}"]\nread = {{ {read} }}\n{more}\n'


def test_the_newest_whole_datapoint_of_the_right_dimensions(account, cloud):
    account.put("AWS/Lambda", "Errors", 7, ago=950, FunctionName="mails")
    account.put("AWS/Lambda", "Errors", 2, ago=400, FunctionName="mails")
    account.put("AWS/Lambda", "Errors", 1, ago=400, FunctionName="mails")
    account.put("AWS/Lambda", "Errors", 900, ago=1, FunctionName="mails")  # its five minutes are not over
    account.put("AWS/Lambda", "Errors", 500, ago=400, FunctionName="videos")
    of = '{ FunctionName = "mails" }'
    found, _ = cloud.signals(
        signal("a.sum", dimensions=of)
        + signal("a.max", dimensions=of, statistic='"Maximum"')
        + signal("a.hour", dimensions=of, period='"1h"')
        + signal("a.other", dimensions='{ FunctionName = "videos" }')
    )
    assert {name: found[name] for name in ("a.sum", "a.max", "a.other")} == {"a.sum": 3, "a.max": 2, "a.other": 500}


def test_all_of_them_together_are_one_request(account, cloud):
    account.put("AWS/Lambda", "Errors", 2)
    text = "".join(signal(f"a.n{number}") for number in range(60))
    found, readings = cloud.signals(text)
    assert set(found.values()) == {2.0}
    assert readings.asked == cost(cloud.target(signals=text).services["cloud"]) == 1 + 1


def test_what_has_no_datapoint_is_unknown_unless_the_file_says_what_that_means(account, cloud):
    found, _ = cloud.signals(
        signal("a.unknown")
        + signal("a.zero", more='high = "> 3"\nwhen_empty = 0')
        + signal("a.other", metric="Throttles")
    )
    assert found["a.unknown"].startswith("there is nothing there: where that is usual, say when_empty")
    assert found["a.zero"] == 0.0


def test_an_old_datapoint_says_its_age(account, cloud):
    account.put("AWS/Lambda", "Errors", 2, ago=2000)
    found, _ = cloud.signals(signal("a.old") + signal("a.hour", period='"1h"', more='high = "> 3"\nwhen_empty = -1'))
    assert re.fullmatch(r"its newest datapoint is (2[89]|3[0-4]) min old: .*still send Errors\?", found["a.old"])


def test_a_part_of_another_metric(account, cloud):
    account.put("AWS/Lambda", "Errors", 2)
    account.put("AWS/Lambda", "Invocations", 8)
    of = 'of = { namespace = "AWS/Lambda", metric = "Invocations", statistic = "Sum" }'
    found, _ = cloud.signals(signal("a.share", more=f'as = "ratio"\nunit = "%"\nhigh = "> 30"\n{of}'))
    assert found == {"a.share": 25.0}


def test_what_we_may_not_ask_says_what_to_grant(account, guarded, cloud):
    cloud.environ["SHOP_KEY"], cloud.environ["SHOP_SECRET"] = guarded("sts:*")
    found, _ = cloud.signals(signal("a.denied"))
    assert found["a.denied"].startswith("grant cloudwatch:GetMetricData to the credentials of cloud")


def test_nothing_is_asked_of_an_account_that_is_down(cloud, a_port):
    cloud.environ["SHOP_AWS"] = f"http://127.0.0.1:{a_port()}"
    found, readings = cloud.signals(signal("a.lost"))
    assert found["a.lost"].startswith("aws.up is red: connection refused")
    assert readings.asked == 1


def test_growth_is_said_by_statistic_and_period(cloud):
    why = cloud.mistakes(signals=signal("a.wrong", more='as = "rate"\nhigh = "> 3"'))
    assert "signals.a.wrong.as: CloudWatch says it by statistic and period: leave out as" in why


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"period": '"90s"'}, '.read.period: a period is whole minutes: "1m", "5m", "1h"'),
        ({"statistic": '"average"'}, ".read.statistic: a statistic is Average, Sum, Minimum"),
        ({"stat": '"Sum"'}, ".read.stat: from a service of kind aws that cannot be read"),
    ],
)
def test_a_read_that_makes_no_sense_is_told_before_anything_is_asked(cloud, keys, words):
    assert f"signals.a.wrong{words}" in cloud.mistakes(signals=signal("a.wrong", **keys))
