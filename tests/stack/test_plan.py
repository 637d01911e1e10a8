"""A stack's plan: ports that stay free while a container is dead, secrets made once, nothing beyond loopback."""

import socket

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.stack.plan import kept_plan, make_plan, unknown_services
from drillbook.stack.ports import free_ports
from drillbook.system.file import Stack

STACK = Stack(
    compose="compose.yaml",
    secrets=["SHOP_PASSWORD"],
    addresses={
        "SHOP_URL": "http://{web:8000}",
        "SHOP_ADMIN_URL": "http://{web:8000}/admin",
        "SHOP_DATABASE_URL": "postgresql://shop:{SHOP_PASSWORD}@{db:5432}/shop",
    },
)


def test_ports_lie_below_the_range_of_outgoing_connections():
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(1024 < port < 32768 for port in ports)


def test_a_port_in_use_is_not_chosen():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert taken.getsockname()[1] not in free_ports(5)


def test_a_service_has_one_port_however_many_addresses_speak_of_it():
    plan = make_plan(STACK)
    port = plan.ports["web", 8000]
    assert plan.addresses["SHOP_URL"] == f"http://127.0.0.1:{port}"
    assert plan.addresses["SHOP_ADMIN_URL"] == f"http://127.0.0.1:{port}/admin"


def test_a_service_may_be_called_whatever_compose_lets_it_be_called():
    plan = make_plan(Stack(compose="c.yaml", addresses={"X": "redis://{My.Cache_2:6379}/0", "Y": "http://{Web:80}"}))
    assert {*plan.ports} == {("My.Cache_2", 6379), ("Web", 80)}
    assert "{" not in "".join(plan.addresses.values())


def test_secrets_are_made_anew_and_find_their_place():
    one, two = make_plan(STACK), make_plan(STACK)
    assert one.secrets["SHOP_PASSWORD"] != two.secrets["SHOP_PASSWORD"]
    assert f"shop:{one.secrets['SHOP_PASSWORD']}@127.0.0.1" in one.addresses["SHOP_DATABASE_URL"]


THEIRS = Stack(compose="c.yaml", addresses={"X": "redis://:{THEIR_PASSWORD}@{db:1}"})


def test_an_address_may_name_what_the_users_own_files_give():
    plan = make_plan(THEIRS)
    assert "{THEIR_PASSWORD}" in plan.addresses["X"]
    whole = plan.with_given({"THEIR_PASSWORD": "a secret", "OTHER": "x"})
    assert whole.addresses == {"X": f"redis://:a secret@127.0.0.1:{plan.ports['db', 1]}"}
    assert kept_plan(THEIRS, whole.values) == whole


@pytest.mark.parametrize("given", [{}, {"THEIR_PASSWORD": ""}])
def test_an_address_that_names_what_nobody_gives_is_a_mistake(given):
    with pytest.raises(Mistakes, match=r"nothing gives \{THEIR_PASSWORD\} a value: put it among stack.secrets"):
        make_plan(THEIRS).with_given(given)


def test_a_kept_plan_is_the_plan_it_was():
    plan = make_plan(STACK)
    assert kept_plan(STACK, plan.values) == plan


@pytest.mark.parametrize(
    "change",
    [
        {"SHOP_PASSWORD": ""},
        {"SHOP_URL": None},
        {"SHOP_URL": "http://elsewhere"},
        {"SHOP_ADMIN_URL": "http://127.0.0.1:1/admin"},
        {"SHOP_PASSWORD": "another"},
    ],
    ids=str,
)
def test_what_was_kept_for_another_file_is_no_plan(change):
    values = {**make_plan(STACK).values, **change}
    assert kept_plan(STACK, {name: value for name, value in values.items() if value is not None}) is None


def test_an_address_of_a_service_that_is_not_there_is_found():
    assert unknown_services(STACK, {"services": {"web": {}}}) == ["db"]
