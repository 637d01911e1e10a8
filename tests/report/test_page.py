"""What the page says of runs of every kind: everything that the journal has, and nothing greener than it was."""

import pytest


def tone(page) -> str:
    [header] = page.of("header")
    return header["class"].split()[1]


def test_the_top_says_what_was_run_when_and_what_came_of_it(read):
    said = read("checks").text
    assert "deal-scout@staging exit 1" in said
    assert "Breached: something is wrong, at or above the gate." in said
    assert "35 limits judged, 32 of them measured that could reach the gate (high): 7 BREACHED, 3 UNKNOWN" in said
    assert "2026-11-22 08:06:41 UTC" in said
    assert "Took 3.4 s" in said
    assert "pytest checks --target deal-scout@staging" in said


def test_the_worst_comes_first(read):
    said = read("checks").text
    names = ("redis.up", "api.healthy", "queue.depth", "api.p95", "host.disk(/var/lib/postgresql)", "cache.hit_rate")
    places = [said.index(f" {name} checks/") for name in names]
    assert places == sorted(places)


def test_what_comes_of_a_cause_is_folded_under_it_and_what_is_the_same_is_said_once(read):
    page = read("checks")
    said = page.text
    cause, *rest = [
        said.index(words) for words in (" redis.up checks/", "and so 3 more: redis.clients", "api.healthy ch")
    ]
    assert [cause, *rest] == sorted([cause, *rest])
    assert "and so 2 more: api.ready (CRITICAL), health.cache (CRITICAL)" in said
    assert said.count("/health answered 503") == 1
    assert said.count("redis.up is red: connection refused") == 1
    assert "redis.ping UNKNOWN (high) trips at > 250 ms" in said
    assert len(page.of("details")) == 3


def test_a_breach_says_whom_to_call_and_by_when(read):
    said = read("checks").text
    assert "on-call engineer; engineering lead after 30m: answer within 2m, solve within 30m" in said
    assert "on-call engineer: answer within 5m, solve within 1h" in said


def test_a_breach_says_its_value_where_it_trips_and_why(read):
    said = read("checks").text
    assert "CRITICAL no must be yes connection refused Redis Unreachable backend 10.0.0.7:8000" in said
    assert "HIGH 1200 jobs trips at > 1000 jobs" in said
    assert "house default" in said


def test_what_is_ok_is_there_too(read):
    said = read("checks").text
    assert "OK: 24" in said
    assert "database.check_23" in said


def test_what_was_not_covered_and_what_was_asked_is_said(read):
    said = read("checks").text
    assert "redis.evictions no maxmemory is set" in said
    assert "checks/test_queue.py::test_queue deal-scout has no celery service" in said
    assert "backend 14 requests" in said


def test_of_many_rounds_each_limit_has_one_row_with_how_often_it_was_red(read):
    said = read("every").text
    assert "8 rounds, 1 tick missed: each limit is shown at its worst" in said
    assert "red in 3 of 8 rounds, first at 08:08:11, last at 08:09:41" in said
    assert "not told in 1 of 8 rounds" in said
    assert said.count("api.ready checks/") == 1


def test_a_drill_says_how_long_it_took_to_detect_and_to_recover(read):
    said = read("drill").text
    assert "Time to detect 1.5 s" in said
    assert "Time to recover, since the fix 3.4 s" in said
    assert "Detected in 1.5 s, recovered 3.4 s after the fix, nothing lost." in said


def test_a_drill_that_came_out_has_nothing_yellow_though_a_ledger_could_not_be_read_meanwhile(read):
    assert {badge["class"] for badge in read("drill").of("span", "badge")} == {"badge good", "badge quiet"}
    assert "badge unclear" in {badge["class"] for badge in read("failed").of("span", "badge")}


def test_the_watch_of_a_drill_is_on_its_timeline_and_not_among_the_verdicts(read):
    page = read("drill")
    assert "1 limit judged" in page.text
    assert len(page.of("rect", "breached")) == 5  # four limits, and the key
    assert "Not OK at some time: redis.up, redis.ping, api.ready, health.redis, queue.depth." in page.text
    assert "deals.ok" not in page.text


def test_the_phases_are_marked_and_listed_with_the_same_numbers(read):
    said = read("drill").text
    assert said.count("2 fault") == 2
    assert "6 recovery 14.2 s 08:06:55 all green 3.4 s after the fix" in said


def test_a_failed_drill_says_in_which_phase_and_why(read):
    page = read("failed")
    assert "Failed in the phase “recovery”: not green within 7 s: CRITICAL redis.up: no" in page.text
    assert len(page.of("tr", "failed")) == 1


def test_what_clients_lost_is_counted_for_each_ledger_and_reading(read):
    said = read("failed").text
    assert "orders during the fault 33 33 0 3, 1 UNKNOWN" in said
    assert "orders after the fix 66 64 2 3, 1 BREACHED orders: LOST 2 of 66" in said


def test_a_control_run_says_so(read):
    assert read("failed").text.count("A control run: the fix is left out on purpose") == 1


def test_a_drill_of_which_nothing_could_be_told_is_not_called_failed(read):
    assert "Could not tell: compose says: no" in read("failed").text


def test_what_was_left_behind_is_at_the_top(read):
    page = read("failed")
    assert "left behind: container 3f2a: run `drillbook sweep`" in page.text
    assert tone(page) == "bad"


@pytest.mark.parametrize("cut", ["run", "phase", "verdict"])
def test_a_run_without_an_end_is_not_green(journals, page_of, parsed, cut):
    book = journals.drill()
    del book.lines[next(n for n, line in enumerate(book.lines) if line["kind"] == cut) + 1 :]
    page = parsed(page_of(book))
    assert "did not end" in page.text
    assert "The run did not end: it was killed, or it is not over yet." in page.text
    assert tone(page) == "unclear"


def test_a_drill_that_was_killed_in_the_middle_says_where(read):
    said = read("killed").text
    assert "No outcome is on record: the run ended in the middle of this drill, after its phase “symptom”." in said
    assert "What follows is what it had found out by 2026-11-22 08:06:" in said
    assert "No drill came to a verdict." in said


def test_a_drill_that_was_killed_is_drawn_from_its_beginning_to_what_was_last_seen(journals, page_of, parsed):
    book = journals.killed()
    journals._rounds(book, 0.0, 24.0)
    page = parsed(page_of(book))
    assert {"0 s", "5 s", "20 s"} <= set(page.texts)


def test_a_profile_is_drawn_against_the_rungs_it_is_held_to(read):
    page = read("load")
    assert len(page.of("line", "rule")) == 2
    assert {"medium > 500 ms", "high > 2000 ms"} <= set(page.texts)
    assert len(page.of("path", "asked")) == 2  # the curve, and the key
    assert "Held to api.p95 : MEDIUM 612 ms, trips at > 500 ms" in page.text


def test_a_profile_has_its_percentiles_its_reasons_and_its_generators_health(read):
    said = read("load").text
    assert "/deals 960 5 41.8 673.2 869 9900" in said
    assert "all requests 1080 7 38 612 790 9000" in said
    assert "/deals 500 Internal Server Error 5" in said
    assert "Sent on time, by the generator 99.4 %" in said
    assert "CPU 12 %" in said


def test_a_green_run_is_green(read):
    page = read("drill")
    assert tone(page) == "good"
    assert "Held: measured, and nothing failed the gate." in page.text


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 11, 12, 13, 99])
def test_no_other_exit_code_is_green(journals, page_of, parsed, code):
    book = journals.Book().run().verdict("redis.up").end(code)
    assert tone(parsed(page_of(book))) != "good"


def test_a_zero_that_the_verdicts_deny_is_not_believed(journals, page_of, parsed):
    page = parsed(page_of(journals.Book().run().verdict("redis.up", "BREACHED").end(0)))
    assert "The exit code is 0, but 1 verdict fails the gate: this run is not green." in page.text
    assert tone(page) == "bad"


def test_a_zero_with_nothing_measured_is_not_believed(journals, page_of, parsed):
    page = parsed(page_of(journals.Book().run().end(0)))
    assert "nothing was measured that could reach the gate: this run is not green" in page.text
    assert tone(page) == "bad"


def test_a_forged_verdict_is_shown_as_unknown(journals, page_of, parsed):
    page = parsed(page_of(journals.Book().run().verdict("redis.up", "SPLENDID", severity=None).end(0)))
    assert "UNKNOWN (high)" in page.text
    assert "the journal says 'SPLENDID', which is no verdict" in page.text
    assert tone(page) == "bad"


def test_drills_of_two_workers_keep_their_lines_apart(journals, page_of, parsed):
    one, two = journals.Book().run("a@drill", "low"), journals.Book()
    journals._drill(one, "first", worker="gw0")
    journals._drill(two, "second", healed=False, worker="gw1")
    both = sorted([*one.lines, *two.lines], key=lambda line: line["t"])
    page = parsed(page_of(journals.Book(lines=[both.pop(both.index(one.lines[0])), *both]).end(1)))
    rest, first = page.text.split("drill.first OK Runbook")
    _, second = rest.split("drill.second CRITICAL Runbook")
    assert "6 recovery 14.2 s" in first
    assert "6 recovery" not in second
    assert "5 fix 9.1 s" in second


def test_an_older_journal_without_the_newer_facts_is_a_page(journals, page_of, parsed):
    book = journals.checks()
    for fact in ("calls", "limits", "command"):
        del book.lines[0][fact]
    del book.lines[-1]["trouble"]
    page = parsed(page_of(book))
    assert "deal-scout@staging exit 1" in page.text
    assert "could not be read" not in page.text
