"""A stack's plan: ports that stay free while a container is dead, secrets made once, nothing beyond loopback."""

import socket

import pytest

from drillbook.mistakes import Mistakes
from drillbook.stack.plan import kept_plan, make_plan, override, unknown_services
from drillbook.stack.ports import free_ports
from drillbook.system import Stack

STACK = Stack(
    compose="compose.yaml",
    secrets=["SHOP_PASSWORD"],
    addresses={
        "SHOP_URL": "http://{web:8000}",
        "SHOP_ADMIN_URL": "http://{web:8000}/admin",
        "SHOP_DATABASE_URL": "postgresql://shop:{SHOP_PASSWORD}@{db:5432}/shop",
    },
)
CONFIG = {
    "services": {"web": {}, "db": {}, "worker": {}},
    "networks": {"default": None, "theirs": {"external": True}},
    "volumes": {"data": None},
}


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


def test_secrets_are_made_anew_and_find_their_place():
    one, two = make_plan(STACK), make_plan(STACK)
    assert one.secrets["SHOP_PASSWORD"] != two.secrets["SHOP_PASSWORD"]
    assert f"shop:{one.secrets['SHOP_PASSWORD']}@127.0.0.1" in one.addresses["SHOP_DATABASE_URL"]


def test_an_address_that_needs_an_unknown_secret_is_a_mistake():
    with pytest.raises(Mistakes, match=r"\{NO_SUCH\} is not among stack.secrets"):
        make_plan(Stack(compose="c.yaml", addresses={"X": "redis://:{NO_SUCH}@{db:1}"}))


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


def test_the_override_labels_everything_of_ours_and_publishes_on_loopback_only():
    plan = make_plan(STACK)
    text = override(plan, CONFIG, "drillbook-shop", "up:shop")
    published = f'["127.0.0.1:{plan.ports["web", 8000]}:8000"]'
    assert text.startswith('name: "drillbook-shop"\n')
    assert f"  web:\n    container_name: !reset null\n    ports: !override {published}" in text
    assert "  worker:\n    container_name: !reset null\n    ports: !override []" in text
    assert text.count('labels: {"drillbook": "up:shop"}') == 5
    assert "theirs" not in text


def test_an_address_of_a_service_that_is_not_there_is_found():
    assert unknown_services(STACK, {"services": {"web": {}}}) == ["db"]
