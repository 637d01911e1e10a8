"""Leaked transactions use up the pool; only terminating those that are old enough frees them, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drillbook import faults, fixes
from drillbook.common.mistakes import Mistakes
from drillbook.faults import superuser

pytestmark = pytest.mark.proof

LEAK = faults.leaked_transactions(connections=10)
OTHERS = "SELECT pid FROM pg_stat_activity WHERE usename = 'deals' AND application_name <> 'backend'"


def refuses_deals(shop) -> bool:
    """Whether a deal cannot be read, which only the database has."""
    return shop.api.get("/deals/7").status_code == 503


def others(shop) -> set[str]:
    """The sessions of the application that have nothing to do with the leak."""
    return set(superuser.ask(shop.running.handle("postgres"), OTHERS).split())


def test_the_witness_sees_the_leak_while_it_is_there_and_only_then(whole):
    before = LEAK.witness(whole.running)
    with LEAK.inject(whole.running):
        during = LEAK.witness(whole.running)
        assert refuses_deals(whole)
    after = LEAK.witness(whole.running)
    assert (before.there, during.there, after.there) == (False, True, False), (before, during, after)
    assert during.words.startswith("10 of 10 sessions of deals idle in transaction")
    assert not refuses_deals(whole)


def test_a_leak_younger_than_the_age_limit_is_not_freed(whole):
    with LEAK.inject(whole.running):
        assert fixes.terminate_sessions().apply(whole.running) == "0 sessions terminated"
        assert LEAK.witness(whole.running).there
        assert refuses_deals(whole)


def test_terminating_what_is_old_enough_frees_the_pool_and_leaves_the_others_alone(whole):
    with LEAK.inject(whole.running):
        before = others(whole)
        assert fixes.terminate_sessions(older_than="100ms").apply(whole.running) == "10 sessions terminated"
        assert not LEAK.witness(whole.running).there
        assert whole.becomes_ready()
        assert not refuses_deals(whole)
        assert before <= others(whole)


def test_another_state_is_another_matter(whole):
    with LEAK.inject(whole.running):
        for state in ("no such state", "idle in transaction'; DROP TABLE orders; --"):
            assert fixes.terminate_sessions(state, older_than="0s").apply(whole.running) == "0 sessions terminated"
        assert LEAK.witness(whole.running).there


@pytest.mark.parametrize("harm", ["kill", "pause", "restart"])
def test_leaving_restores_the_world_whatever_became_of_the_service(whole, harm):
    with LEAK.inject(whole.running):
        getattr(whole.running.handle("backend"), harm)()
    assert whole.becomes_ready()
    assert not LEAK.witness(whole.running).there


def test_a_leak_smaller_than_asked_for_did_not_bite(whole):
    asked = faults.leaked_transactions(connections=11)
    with LEAK.inject(whole.running):
        assert asked.witness(whole.running).words.startswith("10 of 11 ")
        assert not asked.witness(whole.running).there


def test_a_stack_without_the_switch_cannot_leak(whole):
    without = replace(whole.running, secrets={})
    with pytest.raises(Mistakes, match="was started without DEAL_SCOUT_TROUBLE"), LEAK.inject(without):
        pytest.fail("was entered")


def test_a_stack_whose_file_names_no_switch_for_it_cannot_leak(whole):
    target = whole.running.target
    stack = target.system.stack
    trouble = stack.trouble.model_copy(update={"leak": None})
    system = target.system.model_copy(update={"stack": stack.model_copy(update={"trouble": trouble})})
    without = replace(whole.running, target=replace(target, system=system))
    with pytest.raises(Mistakes, match="names no switch for that: leak"), LEAK.inject(without):
        pytest.fail("was entered")


def test_a_wrong_token_switches_nothing_on(whole):
    wrong = replace(whole.running, secrets={"DEAL_SCOUT_TROUBLE": "wrong"})
    entered = []
    with pytest.raises(Mistakes, match="answers 403"), LEAK.inject(wrong):
        entered.append(True)
    assert not entered
    assert not LEAK.witness(whole.running).there
