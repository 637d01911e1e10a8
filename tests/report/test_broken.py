"""A journal can hold anything: what cannot be read is counted and said, and the page is a page all the same."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

KINDS = ("run", "verdict", "round", "skip", "drill", "phase", "ledger", "traffic", "refused", "load", "loaded", "end")
KEYS = (
    *("t", "target", "environment", "gate", "command", "calls", "limits", "name", "verdict", "severity", "worst"),
    *("value", "unit", "limit", "reason", "of", "by", "check", "from", "round", "worker", "missed", "took", "runbook"),
    *("control", "phase", "words", "at", "detected", "recovered", "ledger", "when", "acknowledged", "present", "lost"),
    *("maybe", "requests", "errors", "p95", "max", "asked", "profile", "about", "arrivals", "held_to", "seconds"),
    *("sent", "on_time", "served", "cpu", "late_p95", "names", "reasons", "exit", "trouble", "to", "count"),
    *("api.p95", "rungs", "critical", "respond"),
)
WORDS = (
    "OK",
    "BREACHED",
    "critical",
    "high",
    "ms",
    "> 500",
    "api.p95",
    "drill.x",
    "demo",
    "gw0",
    "fault",
    "fix",
    "recovery",
)
TIMES = ("2026-11-22T08:06:41+00:00", "2026-11-22T08:06:44", "0001-01-01", "9999-12-31T23:59:59+00:00", "yesterday", "")
NUMBERS = (0, 1, 7, -3, 0.5, 500, 1e308, -1e308, 10**400, 5e-324, True, False)

plain = some.one_of(
    some.none(), some.sampled_from(NUMBERS), some.sampled_from(WORDS), some.sampled_from(TIMES), some.text(max_size=8),
    some.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
values = some.recursive(
    plain,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(KEYS), inner, max_size=4),
    max_leaves=6,
)
moments = some.sampled_from(TIMES) | some.integers(0, 59).map(lambda second: f"2026-11-22T08:06:{second:02}+00:00")
line = some.builds(
    lambda kind, t, facts: {**facts, "kind": kind, "t": t},
    some.sampled_from(KINDS),
    moments | plain,
    some.dictionaries(some.sampled_from(KEYS), values, max_size=12),
)


def check(text: str, parsed) -> None:
    page = parsed(text)
    assert page.open == []
    assert len(page.of("h1")) == 1
    assert "NaN" not in text.split("</style>")[1]
    assert "inf" not in "".join(attrs.get("d", "") or "" for _, attrs in page.elements)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(line, max_size=12))
def test_no_line_of_whatever_shape_breaks_the_page(page_of, parsed, lines):
    check(page_of("\n".join(map(json.dumps, lines)).encode()), parsed)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.binary(max_size=200))
def test_no_bytes_break_the_page(page_of, parsed, content):
    check(page_of(content), parsed)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=some.integers(0, 10_000), wrong=values, key=some.sampled_from(KEYS))
def test_one_wrong_value_in_a_whole_journal_breaks_nothing(page_of, parsed, journals, place, wrong, key):
    book = journals.everything()
    book.lines[place % len(book.lines)][key] = wrong
    check(page_of(book), parsed)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b'{"kind": "verd', "1 line of the journal could not be read"),
        (b'{"kind": "end", "exit": NaN}', "1 line of the journal could not be read"),
        (b"[1, 2]\nnull\n7", "3 lines of the journal could not be read"),
        (b'{"t": "2026-11-22T08:06:41+00:00"}', "1 line of the journal could not be read"),
        (b"\xff\xfe\x00", "1 line of the journal could not be read"),
        (b"[" * 100_000, "1 line of the journal could not be read"),
        (b'{"kind": "poem"}\n{"kind": "song"}', "2 lines of a kind that this page does not know: poem, song."),
        (b'{"kind": "round", "t": "yesterday"}', "1 line held something that makes no sense"),
        (b'{"kind": "verdict", "t": "2026-11-22T08:06:41Z", "name": 7}', "1 line held something that makes no sense"),
        (
            b'{"kind": "phase", "t": "2026-11-22T08:06:41Z", "phase": "fix"}',
            "1 line held something that makes no sense",
        ),
    ],
)
def test_what_cannot_be_read_is_counted_and_said(page_of, journals, parsed, broken, said):
    whole = "".join(f"{json.dumps(line)}\n" for line in journals.checks().lines).encode()
    page = parsed(page_of(whole + broken))
    assert said in page.text
    assert "35 limits judged" in page.text


def test_an_empty_journal_is_a_page_that_says_so(page_of, parsed):
    page = parsed(page_of(b""))
    assert "The journal is empty: nothing is known of this run." in page.text
    assert "did not end" in page.text


def test_times_that_go_backwards_are_no_durations(page_of, journals, parsed):
    book = journals.checks()
    book.lines[0]["t"] = book.time(1000)
    assert "Took unknown" in parsed(page_of(book)).text


def test_an_exit_code_that_cannot_be_read_is_not_green(page_of, journals, parsed):
    book = journals.drill()
    book.lines[-1]["exit"] = "0"
    assert "exit code lost" in parsed(page_of(book)).text


def test_absurd_numbers_are_left_out_of_figures(page_of, journals, parsed):
    book = journals.load()
    for number, line in enumerate(line for line in book.lines if line["kind"] == "traffic"):
        line |= {"requests": (1e308, -1, 20)[number % 3], "p95": (10**400, 1e300, 5e-324)[number % 3]}
    check(page_of(book), parsed)


def test_a_value_too_large_to_write_out_is_written_short(page_of, journals, parsed):
    assert "1e+308 ms" in parsed(page_of(journals.Book().run().verdict("api.p95", "BREACHED", value=1e308))).text
