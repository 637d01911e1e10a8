"""`drillbook up` where it fails: what this start has made goes, what was there before stays, and both are said."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.stack import compose, local
from drillbook.stack.plan import kept_plan, make_plan
from drillbook.system.addresses import write_env_file
from drillbook.system.library import Library

SYSTEM = """
[system]
name = "shop"

[environments.local]
kind = "local"

[services.cache]
kind = "redis"
url = { env = "SHOP_URL" }

[stack]
compose = "compose.yaml"

[stack.addresses]
SHOP_URL = "redis://:{THEIR_PASSWORD}@{redis:6379}"
"""


@pytest.fixture
def copy(project, monkeypatch):
    """A copy of a system whose password the user gives, and an engine that only notes what is removed."""
    project.write("systems/shop/system.toml", SYSTEM)
    found = local.Copy(Library(project.root, {}), "shop")
    removed, given = [], {"THEIR_PASSWORD": "first"}

    def prepared(recipe, _):
        whole = SimpleNamespace(plan=recipe.plan.with_given(given), file=recipe.file)
        return whole, None

    monkeypatch.setattr(local, "prepared", prepared)
    monkeypatch.setattr(compose, "remove", lambda owner, **_: removed.append(owner) or ())
    monkeypatch.setattr(compose, "start", lambda *_: None)
    monkeypatch.setattr(compose, "is_there", lambda _: False)
    monkeypatch.setattr(local, "wait_until_warm", lambda *_, **__: 1.0)
    return SimpleNamespace(copy=found, removed=removed, given=given, up=lambda: local.up(found.library, "shop", print))


def fail(monkeypatch, error):
    def start(*_):
        raise error(["it did not start"])

    monkeypatch.setattr(compose, "start", start)


def test_what_a_start_that_fails_has_made_goes(copy, monkeypatch):
    fail(monkeypatch, Mistakes)
    with pytest.raises(
        Mistakes, match="it did not start\nwhat had been started was removed: nothing of shop@local is left"
    ):
        copy.up()
    assert copy.removed == [copy.copy.owner] * 2  # what an earlier copy left, then this one
    assert not copy.copy.env_file.exists()


def test_one_that_never_gets_warm_goes_too(copy, monkeypatch):
    def never(*_, **__):
        raise Mistakes(["shop@local was not warm after 90 s:", "  redis: refused"])

    monkeypatch.setattr(local, "wait_until_warm", never)
    with pytest.raises(Mistakes, match="redis: refused\nwhat had been started was removed"):
        copy.up()
    assert not copy.copy.env_file.exists()


def test_a_copy_that_was_there_before_stays_and_how_to_look_at_it_is_said(copy, monkeypatch):
    copy.up()
    copy.removed.clear()
    monkeypatch.setattr(compose, "is_there", lambda _: True)
    fail(monkeypatch, Mistakes)
    with pytest.raises(Mistakes, match=r"was there before and was left: .*ps --all.*`drillbook down shop` removes it"):
        copy.up()
    assert copy.removed == []
    assert copy.copy.env_file.exists()


@pytest.mark.parametrize("there", [False, True])
def test_an_interrupt_is_undone_as_a_failure_is_and_it_is_said(there, copy, monkeypatch, capsys):
    def start(*_):
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("not interrupted")

    copy.up()
    copy.removed.clear()
    monkeypatch.setattr(compose, "is_there", lambda _: there)
    monkeypatch.setattr(compose, "start", start)
    with pytest.raises(KeyboardInterrupt):
        copy.up()
    assert copy.removed == ([] if there else [copy.copy.owner])
    said = "was there before and was left" if there else "what had been started was removed"
    assert f"interrupted: {'shop@local ' if there else ''}{said}" in capsys.readouterr().out


def test_unless_what_was_created_is_not_safe(copy, monkeypatch):
    copy.up()
    copy.removed.clear()
    monkeypatch.setattr(compose, "is_there", lambda _: True)
    fail(monkeypatch, Refused)
    with pytest.raises(Refused, match="what had been started was removed"):
        copy.up()
    assert copy.removed == [copy.copy.owner]


def test_a_copy_goes_on_with_its_secrets_and_ports_until_the_user_gives_others(copy):
    copy.up()
    first = copy.copy.env_file.read_text()
    copy.removed.clear()
    copy.up()
    assert (copy.copy.env_file.read_text(), copy.removed) == (first, [])
    copy.given["THEIR_PASSWORD"] = "second"
    copy.up()
    assert "second" in copy.copy.env_file.read_text()
    assert copy.removed == [copy.copy.owner]


def test_what_the_user_gave_is_kept_with_the_rest(copy):
    stack = copy.copy.stack()
    plan = make_plan(stack).with_given({"THEIR_PASSWORD": "x1"})
    write_env_file(copy.copy.env_file, plan.values)
    assert kept_plan(stack, plan.values) == plan
    assert copy.copy.env_file.stat().st_mode & 0o777 == 0o600


def test_a_copy_whose_system_is_gone_is_removed_all_the_same(copy, monkeypatch, capsys):
    copy.up()
    copy.removed.clear()
    copy.copy.library.file_of("shop").unlink()
    (asked := copy.copy.library.asked_file("shop@local")).touch()
    with pytest.raises(Mistakes, match="no system is called 'shop'"):
        local.down(copy.copy.library, "shop", print)
    assert copy.removed == []
    monkeypatch.setattr(compose, "is_there", lambda owner: owner == copy.copy.owner)
    local.down(copy.copy.library, "shop", print)
    assert copy.removed == [copy.copy.owner]
    assert not copy.copy.env_file.exists()
    assert not asked.exists(), "the next copy has not been asked anything"
