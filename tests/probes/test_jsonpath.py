"""JSON is read with suspicion, and a missing field is not a null, nor a false."""

from __future__ import annotations

import pytest

from drillbook.probes import jsonpath
from drillbook.probes.question import Unmeasured

PAGE = {"status": "degraded", "db": True, "redis": False, "queue": None, "n": 3, "list": [{"a": 1}, {"a": 2}]}


@pytest.mark.parametrize(
    ("path", "value"),
    [("$", PAGE), ("$.n", 3), ("$.queue", None), ("$.list[1].a", 2), ("$.list[0]", {"a": 1})],
)
def test_a_path_finds_what_is_there(path, value):
    assert jsonpath.find(PAGE, path) == value


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("$.state", r"has no \$\.state \(\$ has: status, db, redis, queue, n, list\)"),
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
        ("$.n == '3'", "$.n is 3, not '3'"),
        ("$.db == true", ""),
        ("$.redis == true", "$.redis is false, not true"),
        ("$.n == true", "$.n is 3, not true"),
    ],
)
def test_a_condition_holds_or_says_why_not(condition, why):
    assert jsonpath.explain(PAGE, condition) == why


def test_one_is_not_true():
    assert jsonpath.explain({"ok": 1}, "$.ok == true") == "$.ok is 1, not true"


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
