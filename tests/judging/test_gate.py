"""The exit code says what matters most, and is 0 only when something was measured and nothing failed."""

import pytest

from drillbook.judging.gate import Ending, Gate, Trouble, worst_of
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict, worst_first

LOW, MEDIUM, HIGH, CRITICAL = Severity


def ok(worst=CRITICAL):
    return Verdict("ok", Outcome.OK, None, worst)


def breached(severity, worst=CRITICAL):
    return Verdict("breached", Outcome.BREACHED, severity, worst)


def unknown(worst):
    return Verdict("unknown", Outcome.UNKNOWN, worst, worst)


def skipped():
    return Verdict("skipped", Outcome.SKIPPED, None, CRITICAL)


@pytest.mark.parametrize(
    ("verdicts", "facts", "code"),
    [
        ([ok()], {}, 0),
        ([ok(), breached(MEDIUM)], {}, 0),
        ([ok(), breached(HIGH)], {}, 1),
        ([ok(), breached(CRITICAL), unknown(CRITICAL)], {}, 1),
        ([ok(), unknown(HIGH)], {}, 11),
        ([ok(), unknown(MEDIUM)], {}, 0),
        ([ok(worst=MEDIUM)], {}, 11),
        ([breached(MEDIUM, worst=MEDIUM)], {}, 11),
        ([skipped()], {}, 11),
        ([], {}, 11),
        ([], {"collected": 0}, 5),
        ([ok()], {"lost": "disk full"}, 11),
        ([ok()], {"left": "a container"}, 13),
        ([unknown(HIGH)], {"left": "a container"}, 13),
        ([breached(HIGH)], {"left": "a container"}, 1),
        ([breached(HIGH)], {"refused": "production"}, 12),
        ([breached(HIGH)], {"refused": "production", "native": 3}, 3),
        ([ok()], {"native": 2}, 2),
    ],
)
def test_the_exit_code_is_what_matters_most(verdicts, facts, code):
    trouble = Trouble(**{name: value for name, value in facts.items() if name != "collected"})
    assert Ending(Gate(HIGH), verdicts, facts.get("collected", 1), trouble).exit_code() == code


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ([ok()], [ok()], 0),
        ([ok()], [breached(HIGH)], 1),
        ([unknown(HIGH)], [breached(HIGH)], 1),
        ([ok()], [unknown(HIGH)], 11),
        ([ok()], [ok(worst=MEDIUM)], 11),
        ([ok()], None, 5),
        ([ok(worst=MEDIUM)], None, 11),
    ],
)
def test_of_two_targets_the_one_with_what_matters_most_decides(one, other, code):
    endings = [Ending(Gate(HIGH), verdicts or [], collected=verdicts is not None) for verdicts in (one, other)]
    assert worst_of(endings) == worst_of(endings[::-1]) == code


def test_what_bears_on_the_whole_run_outranks_every_target():
    trouble = Trouble(native=2)
    endings = [Ending(Gate(HIGH), [found], 1, trouble) for found in (ok(), breached(CRITICAL))]
    assert worst_of(endings) == 2
    trouble.native, trouble.refused = 0, "production"
    assert worst_of(endings) == 12


@pytest.mark.parametrize(("gate", "code"), [(LOW, 1), (MEDIUM, 1), (HIGH, 0), (CRITICAL, 0)])
def test_a_breach_fails_the_gates_up_to_its_severity(gate, code):
    assert Ending(Gate(gate), [ok(), breached(MEDIUM)], collected=1).exit_code() == code


def test_verdicts_are_read_worst_first():
    verdicts = [ok(), unknown(LOW), breached(LOW), skipped(), breached(CRITICAL), unknown(CRITICAL)]
    assert [(one.outcome, one.severity) for one in worst_first(verdicts)] == [
        (Outcome.BREACHED, CRITICAL),
        (Outcome.BREACHED, LOW),
        (Outcome.UNKNOWN, CRITICAL),
        (Outcome.UNKNOWN, LOW),
        (Outcome.OK, None),
        (Outcome.SKIPPED, None),
    ]


def test_a_verdict_survives_the_way_from_a_worker():
    verdict = Verdict(
        "a.b", Outcome.BREACHED, HIGH, CRITICAL, 1.5, "ms", "> 1 ms", 'odd "reason" \ud800', "S", "/", "x"
    )
    assert Verdict.from_json(verdict.to_json()) == verdict
