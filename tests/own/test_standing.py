"""What was started stands when each container is healthy or has ended well, twice in a row; what failed is told."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.stack import standing
from drillbook.stack.standing import is_up, wait_until_it_stands

UP, DONE = {"Status": "running", "ExitCode": 0}, {"Status": "exited", "ExitCode": 0}
HEALTHY, STARTING = ({**UP, "Health": {"Status": status}} for status in ("healthy", "starting"))
FAILED = {"Status": "exited", "ExitCode": 3}


@pytest.mark.parametrize(
    ("state", "up"),
    [(UP, True), (DONE, True), (HEALTHY, True), ({**UP, "Health": None}, True), (STARTING, False), (FAILED, False),
     ({**UP, "Health": {"Status": "unhealthy"}}, False), ({"Status": "created", "ExitCode": 0}, False),
     ({"Status": "paused", "ExitCode": 0}, False)],
)  # fmt: skip
def test_what_runs_well_or_has_ended_well_is_up(state, up):
    assert is_up(state) is up


def engine(*rounds):
    """An engine whose containers are, look by look, in these states; in the end as in the last of them."""
    waiting = list(rounds)

    def listed(**_):
        states = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [_container(number, state) for number, state in enumerate(states)]

    return SimpleNamespace(containers=SimpleNamespace(list=listed), waiting=waiting)


def _container(number, state):
    return SimpleNamespace(name=f"web-{number}", labels={}, attrs={"State": state}, logs=lambda **_: b"last words")


def test_it_is_waited_for_until_all_stands():
    asked = engine([UP, STARTING], [DONE, STARTING], [DONE, HEALTHY], [DONE, HEALTHY])
    wait_until_it_stands(asked, "a-project")
    assert len(asked.waiting) == 1


def test_what_ends_badly_just_after_its_start_is_told_with_its_last_words():
    with pytest.raises(Mistakes, match=r"web-1 has ended with exit code 3, [^\n]*\n    web-1 \| last words"):
        wait_until_it_stands(engine([HEALTHY, UP], [HEALTHY, FAILED]), "a-project")


def test_what_never_stands_is_a_mistake(monkeypatch):
    monkeypatch.setattr(standing, "STANDS_WITHIN", 0.0)
    with pytest.raises(Mistakes, match="the stack did not start within 0 s"):
        wait_until_it_stands(engine([STARTING]), "a-project")


def test_a_mistake_is_told_together_with_what_failed_meanwhile(monkeypatch):
    monkeypatch.setattr(standing, "connect", lambda: engine([FAILED]))
    with pytest.raises(Mistakes, match="cache: refused\nweb-0 has ended with exit code 3"), standing.told_by_logs("p"):
        raise Mistakes(["cache: refused"])
