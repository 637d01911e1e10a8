"""JSON is read with suspicion, and a missing field is not a null, nor a false."""

from __future__ import annotations

import pytest

from drillbook.probes import jsonpath
from drillbook.probes.question import Unmeasured

PAGE = {"status": "degraded", "db": True, "redis": False, "queue": None, "n": 3, "list": [{"a": 1}, {"a": 2}]}
PAGE |= {"Cache backend: default": "working", "it's": "so, isn't it", "deep": {"deeper": 1}}
PAGE["checks"] = [
    {"name": "redis", "status": "UP", "kind": "service"},
    {"name": "db", "status": "DOWN", "kind": "service"},
]


@pytest.mark.parametrize(
    ("path", "value"),
    [("$", PAGE), ("$.n", 3), ("$.queue", None), ("$.list[1].a", 2), ("$.list[0]", {"a": 1})],
)
def test_a_path_finds_what_is_there(path, value):
    assert jsonpath.find(PAGE, path) == value


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("$.state", r"has no \$\.state \(\$ has: status, db, redis, queue, n, list, Cache backend"),
        ("$.n.deep", r"has no \$\.n\.deep \(\$\.n is 3\)"),
        ("$.queue.depth", r"\(\$\.queue is null\)"),
        ("$.list[2]", r"\(\$\.list is a list of 2\)"),
        ("$.list.a", r"\(\$\.list is a list of 2\)"),
        ("$[0]", r"\(\$ has: status"),
    ],
)
def test_a_missing_path_is_answered_with_what_is_there(path, reason):
    with pytest.raises(Unmeasured, match=reason):
        jsonpath.find(PAGE, path)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("$.db", ""),
        ("$.redis", "$.redis is false"),
        ("$.status == 'degraded'", ""),
        ("$.status == 'healthy'", "$.status is 'degraded', not 'healthy'"),
        ("$.queue == 'ok'", "$.queue is null, not 'ok'"),
        ("$.n == 3", ""),
        ("$.n == 3.0", ""),
        ("$.db == true", ""),
        ("$.redis == true", "$.redis is false, not true"),
        ("$.n < 4", ""),
        ("$.n > 3", "$.n is 3, not > 3"),
        ("$.n<=2.5", "$.n is 3, not <= 2.5"),
        ("$.n >= 3", ""),
        ("$.n in [1, 3]", ""),
        ("$.status != 'down'", ""),
        ("$.status != 'degraded'", "$.status is 'degraded', not other than 'degraded'"),
        ("$.status in ['ok', 'up']", "$.status is 'degraded', not 'ok' or 'up'"),
        ("$.queue == null", ""),
        ("$.status == null", "$.status is 'degraded', not null"),
        ('$.status == "degraded"', ""),
        ("$.checks[?@.name == 'redis'].status == 'UP'", ""),
        ("$.checks[?@.name == 'db'].status == 'UP'", "$.checks[?@.name == 'db'].status is 'DOWN', not 'UP'"),
        ("$['Cache backend: default'] == 'working'", ""),
        ("$['it\\'s'] == 'so, isn\\'t it'", ""),
        ("$.checks[*].kind == 'service'", ""),
        ("$..deeper == 1", ""),
        ("$.checks[*].status in ['UP', 'DOWN']", ""),
        ("$.checks[*].status == 'UP'", "$['checks'][1]['status'] is 'DOWN', not 'UP'"),
        ("$.list[*].a < 2", "$['list'][1]['a'] is 2, not < 2"),
        ("$['n', 'status'] != 3", "$['n'] is 3, not other than 3"),
    ],
)
def test_a_condition_holds_or_says_why_not(condition, why):
    assert jsonpath.explain(PAGE, condition) == why


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("$.n == '3'", r"has \$\.n, but it is 3, a number where a text is expected"),
        ("$.n == true", "is 3, a number where a yes-or-no is expected"),
        ("$.db == 1", "is true, a yes-or-no where a number is expected"),
        ("$.db in [1, 'ok']", "is true, a yes-or-no where a number or text is expected"),
        ("$.status < 3", "is 'degraded', a text where a number is expected"),
        ("$.status != 3", "is 'degraded', a text where a number is expected"),
        ("$.queue != 'down'", "is null, a null where a text is expected"),
        ("$.queue < 3", "is null, a null where a number is expected"),
        ("$.list[*].a == 'x'", r"has \$\['list'\]\[0\]\['a'\], but it is 1, a number where a text is expected"),
        (
            "$.checks[?@.name == 'mail'].status == 'UP'",
            r"has no .* \(\$\.checks is a list of 2: \[\{\"name\": \"redis\"",
        ),
        ("$['Cache backend'] == 'working'", r"\(\$ has: .*Cache backend: default"),
    ],
)
def test_what_cannot_be_compared_is_told_from_a_no(condition, reason):
    with pytest.raises(Unmeasured, match=reason):
        jsonpath.explain(PAGE, condition)


@pytest.mark.parametrize(
    ("path", "count"),
    [("$.list", 2), ("$.list[*]", 2), ("$.deep.*", 1), ("$.checks[?@.status == 'UP']", 1), ("$.checks[?@.x]", 0)],
)
def test_items_are_those_of_a_list_or_what_a_path_leads_to(path, count):
    assert jsonpath.items(PAGE, path) == count


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("$.deep", r"is no list, it has: deeper \(of an object, count \$\.deep\.\*\)"),
        ("$.n", "is no list, it is 3"),
        ("$.deals[*]", r"has no \$\.deals"),
    ],
)
def test_what_is_no_list_has_no_items(path, reason):
    with pytest.raises(Unmeasured, match=reason):
        jsonpath.items(PAGE, path)


@pytest.mark.parametrize("path", ["$.status", "$.n", "$.queue", "$.list"])
def test_a_bare_path_must_hold_true_or_false(path):
    with pytest.raises(Unmeasured, match="not true or false"):
        jsonpath.explain(PAGE, path)


def test_a_list_is_not_compared_with_a_text():
    with pytest.raises(Unmeasured, match="is a list of 2"):
        jsonpath.explain(PAGE, "$.list == 'x'")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON"),
        ("<html>", "is not JSON .* it begins '<html>'"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ('{"a": Infinity}', "Infinity is no JSON number"),
        ('{"a": 1, "a": 2}', "the same key twice"),
        ("[" * 65 + "]" * 65, "nested deeper"),
        ("[" * 200_000 + "]" * 200_000, "nested deeper"),
        ('{"a": ' + "9" * 301 + "}", "301 digits"),
        ('{"a": ' + "9" * 5000 + "}", "5000 digits"),
    ],
    ids=["nothing", "html", "NaN", "Infinity", "twice", "deep", "very deep", "big", "very big"],
)
def test_what_is_no_decent_json_has_a_reason(text, reason):
    with pytest.raises(Unmeasured, match=reason):
        jsonpath.parse(text)
