"""Turns: how long what hangs waits, what is told meanwhile, and that a copy of our own is asked in every round."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from drillbook.probes import turns
from drillbook.probes.failure import failure
from drillbook.probes.smtp.noun import Smtp
from drillbook.probes.turns import Turns

MUTE = {"failed": failure("down", "no answer within 3 s") | {"silent": True}, "by": "", "asked": 1}

SILENT = {"status": None, "error": failure("down", "no answer") | {"silent": True}, "silent": True}


@pytest.fixture
def clock(monkeypatch):
    """The clock by which turns are taken."""
    at = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=lambda: at.now))
    return at


def rounds_asked(roster, service, clock, *, every, count):
    """The numbers of the rounds in which a service is asked that never answers."""
    asked = []
    for number in range(1, count + 1):
        if roster.begin(service, lambda: 1) is None:
            asked.append(number)
            end(roster, service, MUTE)
        clock.now += every
    return asked


def end(roster, service, reading):
    """Ends a round in which this was read."""
    roster.under_way(service).hear_of_all(reading)
    roster.end(service, reading)


def silence(roster, service, what):
    """A question that is put in a new round, and not answered; whether it was put at all."""
    assert roster.begin(service, lambda: 1) is None
    turn = roster.under_way(service)
    told = turn.instead(what)
    if not told:
        turn.hear(what, SILENT, asked=f"/{what}")
    return not told


@pytest.mark.parametrize("kind", ["redis", "postgres", "host"])
def test_what_is_mute_waits_twice_as_long_each_time_up_to_ten_intervals(a_service, clock, kind):
    roster = Turns(1.0)
    assert rounds_asked(roster, a_service(kind), clock, every=1.0, count=40) == [1, 2, 4, 8, 16, 26, 36]
    assert roster.lines[-1] == "backend is mute: asked again in 10 s"


def test_nothing_waits_longer_than_five_minutes_but_for_the_interval(a_service, clock):
    assert rounds_asked(Turns(60.0), a_service("redis"), clock, every=60.0, count=20) == [1, 2, 4, 8, 13, 18]
    assert rounds_asked(Turns(900.0), a_service("redis"), clock, every=900.0, count=4) == [1, 2, 3, 4]


def test_in_a_copy_of_our_own_the_one_question_is_put_in_every_round(a_service, clock):
    roster = Turns(1.0, growing=False)
    assert rounds_asked(roster, a_service("redis"), clock, every=1.0, count=5) == [1, 2, 3, 4, 5]
    assert roster.lines == [], "and nobody is told of it each time"


def test_in_a_copy_of_our_own_a_page_that_hangs_leaves_every_other_round_to_the_rest(a_service, clock):
    roster, service = Turns(1.0, growing=False), a_service("http")
    asked = []
    for _ in range(6):
        assert roster.begin(service, lambda: 1) is None
        roster.under_way(service).at_last()
        asked.append(roster.under_way(service).instead("ready") is None)
        if asked[-1]:
            roster.under_way(service).hear("ready", SILENT, asked="/ready")
        clock.now += 1.0
    assert asked == [True, False, True, False, True, False]


def test_what_is_kept_says_when_it_was_and_is_never_more_than_it_was(a_service, clock):
    roster, service = Turns(30.0), a_service("redis")
    for _ in range(2):
        roster.begin(service, lambda: 1)
        end(roster, service, MUTE)
        clock.now += 30
    kept = roster.begin(service, lambda: 1)
    assert kept["failed"]["reason"] == "no answer within 3 s (asked 30 s ago, again in 30 s)"
    assert (kept["failed"]["kind"], kept["asked"]) == ("down", 0)
    assert roster.under_way(service).instead("anything")["error"]["reason"] == kept["kept"] == kept["failed"]["reason"]


def test_what_is_kept_is_told_by_what_hung_in_its_round_and_says_once_when_that_was(a_service, clock):
    roster, service = Turns(30.0, growing=False), a_service("http")
    old = {**SILENT["error"], "reason": "no answer of old (asked 30 s ago, again in 30 s)", "told": True}
    roster.begin(service, lambda: 1)
    end(roster, service, {"queries": {"up": {"error": old}}, "pages": {"health": SILENT}, "mute": True})
    clock.now += 10
    kept = roster.begin(service, lambda: 1)
    assert kept["kept"] == "no answer (asked 10 s ago, again in 20 s)"
    assert kept["queries"]["up"]["error"] == old


def test_of_what_is_kept_only_a_no_is_still_an_answer(a_service, some_readings):
    """A mail server that greeted us, and hung at the login: nobody has asked it since whether it still greets."""
    mute = failure("down", "no answer within 3 s (asked 30 s ago, again in 30 s)") | {"silent": True}
    found = {"greeting": 220, "ehlo": 250, "took": 0.01, "failed": mute, "heard": "250 hello"}
    service = a_service("smtp", "smtp://me:secret@127.0.0.1:25", name="mail")
    asked, kept = (Smtp(service, some_readings(found | more)) for more in ({}, {"kept": mute["reason"]}))
    assert (asked.answers().value, asked.logs_in().value) == (True, False)
    assert (kept.answers().value, kept.answers().reason) == (None, mute["reason"])
    assert kept.logs_in().value is None
    assert asked.greeting_time().value == 10
    assert kept.greeting_time().value is None


def test_one_that_answered_is_asked_as_always(a_service, clock):
    roster, service = Turns(30.0), a_service("redis")
    for _ in range(3):
        roster.begin(service, lambda: 1)
        end(roster, service, MUTE)
        clock.now += 30
    clock.now += 300
    assert roster.begin(service, lambda: 1) is None
    end(roster, service, {"failed": None, "asked": 5})
    assert roster.begin(service, lambda: 1) is None
    assert roster.under_way(service).left == {}


def test_of_several_that_hang_one_is_asked_again_alone_the_one_that_waits_longest(a_service, clock):
    roster, service = Turns(30.0, growing=False), a_service("http", endpoints={})
    assert silence(roster, service, "ready")
    clock.now += 30
    assert silence(roster, service, "endpoint a")
    clock.now += 60
    roster.begin(service, lambda: 1)
    turn = roster.under_way(service)
    assert (turn.last, set(turn.left)) == ("ready", {"ready", "endpoint a"})
    turn.at_last()
    assert turn.instead("endpoint a")["error"]["kind"] == "down"
    turn.hear("ready", {"status": 200, "error": None}, asked="/ready")
    roster.begin(service, lambda: 1)
    assert roster.under_way(service).left == {}, "one has answered: all are asked again"


def test_one_that_is_refused_now_hangs_no_more_but_says_nothing_of_the_others(a_service, clock):
    roster, service = Turns(30.0), a_service("http", endpoints={})
    for what in ("ready", "endpoint a"):
        assert silence(roster, service, what)
        clock.now += 10
    clock.now += 30
    roster.begin(service, lambda: 1)
    roster.under_way(service).at_last()
    refused = {"status": None, "error": failure("down", "connection refused")}
    roster.under_way(service).hear("ready", refused, asked="/ready")
    roster.begin(service, lambda: 1)
    assert set(roster.under_way(service).left) == {"endpoint a"}


def test_once_something_hangs_nothing_more_is_begun_in_that_round(a_service, clock):
    roster, service = Turns(30.0), a_service("http")
    assert silence(roster, service, "ready")
    turn = roster.under_way(service)
    assert turn.instead("metrics")["error"]["reason"] == ("not asked: /ready: no answer, and what hangs is left alone")
    assert turn.instead("ready")["error"]["reason"] == "no answer", "its own silence is its own reason"


OK = {"status": 200, "error": None}


def a_round(roster, service, questions, *, hang=()):
    """One round in which these are asked, in that order until one has no answer; those that were put."""
    assert roster.begin(service, lambda: 1) is None
    turn, put = roster.under_way(service), []
    turn.at_last()
    for what in questions:
        if turn.instead(what):
            break
        turn.hear(what, SILENT if what in hang else OK, asked=what)
        put.append(what)
    return put


def test_nothing_waits_behind_a_question_that_nobody_puts_any_more(a_service, clock):
    """A check asks for /b only where /a is answered: /b hung, later /a; both are well now."""
    roster, service, rounds = Turns(30.0), a_service("http"), []
    for hang in ({"/b"}, {"/a"}, *[()] * 4):
        rounds.append(a_round(roster, service, ["/a", "/b"], hang=hang))
        clock.now += 30
    assert rounds == [["/a", "/b"], ["/a"], [], ["/a", "/b"], ["/a", "/b"], ["/a", "/b"]]


def test_what_is_due_keeps_its_turn_where_another_question_hangs_before_it(a_service, clock):
    roster, service = Turns(30.0), a_service("http")
    a_round(roster, service, ["/b"], hang={"/b"})
    clock.now += 30
    a_round(roster, service, ["/a", "/b"], hang={"/a"})
    clock.now += 30
    roster.begin(service, lambda: 1)
    assert roster.under_way(service).last == "/b"


REFUSED = {"status": 429, "error": None, "retry": 85.0}


def told(roster, service, what):
    """What is told of a question in a new round in which all others have been put; None where it may be put."""
    roster.begin(service, lambda: 1)
    roster.under_way(service).at_last()
    page = roster.under_way(service).instead(what)
    return page and page["error"]["reason"]


def test_who_says_when_he_wants_to_be_asked_again_is_not_asked_a_second_before(a_service, clock):
    roster, service = Turns(60.0), a_service("http")
    roster.begin(service, lambda: 1)
    roster.under_way(service).hear("ready", REFUSED, asked="/ready")
    clock.now += 60
    step = "it is asked too often: state a budget (services.backend, or of the endpoint alone)"
    assert told(roster, service, "ready") == f"it answered 429 (asked 60 s ago, again in 25 s): {step}"
    clock.now += 25
    assert told(roster, service, "ready") is None


@pytest.mark.parametrize("page", [REFUSED, {"status": 503, "error": None}])
def test_a_refusal_and_a_5xx_end_no_silence_but_their_own(a_service, clock, page):
    roster, service = Turns(30.0), a_service("http")
    for what in ("/a", "/b"):
        assert silence(roster, service, what)
    clock.now += 30
    assert told(roster, service, "/a") is None
    roster.under_way(service).hear("/a", page, asked="/a")
    assert told(roster, service, "/b") is None, "it comes next"
    assert roster.under_way(service).last == "/b"


def test_what_hung_and_refuses_now_is_not_asked_again_in_that_round(a_service, clock):
    roster, service = Turns(30.0), a_service("http")
    assert silence(roster, service, "/a")
    clock.now += 30
    assert told(roster, service, "/a") is None
    turn = roster.under_way(service)
    turn.hear("/a", REFUSED, asked="/a")
    turn.at_last()
    assert turn.instead("/a")["status"] == 429


def test_what_is_due_after_another_does_not_say_that_it_is_asked_at_once(a_service, clock):
    roster, service = Turns(30.0, growing=False), a_service("http")
    for what in ("/a", "/b"):
        assert silence(roster, service, what)
        clock.now += 1
    clock.now += 90
    assert told(roster, service, "/b") == "no answer (asked 91 s ago, again in a later round)"


def test_what_was_told_is_no_news(a_service, clock):
    roster, service = Turns(30.0), a_service("http")
    assert silence(roster, service, "/a")
    clock.now += 1
    roster.begin(service, lambda: 1)
    turn = roster.under_way(service)
    turn.hear_of("signals", turn.instead("/a")["error"], asked="what its signals read")
    assert turn.hangs == ""
    assert turn.instead("signals") is None
    assert len(roster.lines) == 1


def test_what_a_service_without_pages_says_is_too_often_is_left_out_in_that_round(a_service):
    roster, service = Turns(30.0), a_service("redis")
    roster.begin(service, lambda: 1)
    turn = roster.under_way(service)
    turn.hear_of("monitoring", failure("unknown", "wait") | {"too_often": True}, asked="monitoring:Get")
    assert turn.instead("monitoring")["error"]["reason"] == "wait"
    assert turn.instead("sts") is None


def test_a_process_that_begins_no_rounds_leaves_alone_what_hung_there(a_service):
    roster, service = Turns(), a_service("redis")
    with roster.heeded():
        turns.turn_of(service).hear_of("live", MUTE["failed"], asked="what a check asked")
        left = turns.turn_of(service).instead("other")["error"]["reason"]
    assert left == "not asked: what a check asked: no answer within 3 s, and what hangs is left alone"
