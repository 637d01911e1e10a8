"""How a copy's services are reached: at ports of loopback, and among each other by the names that the file gives."""

from __future__ import annotations


def test_ports_are_published_on_loopback_at_the_plans_numbers(service):
    made, _ = service({"ports": [{"target": 80, "published": "80"}]}, ports={("web", 80): 20080, ("db", 1): 2})
    assert made["ports"] == [
        {"target": 80, "published": "20080", "host_ip": "127.0.0.1", "protocol": "tcp", "mode": "host"}
    ]


def test_the_ports_of_a_service_are_published_by_the_one_whose_network_it_shares(document):
    services = {"web": {"image": "a", "network_mode": "service:vpn"}, "vpn": {"image": "b"}}
    made = document({"services": services}, ports={("web", 80): 20080}).content["services"]
    assert "ports" not in made["web"]
    assert [one["published"] for one in made["vpn"]["ports"]] == ["20080"]


def test_a_containers_name_is_still_one_that_it_is_found_by(service):
    made, _ = service({"container_name": "shop-web", "networks": {"default": None, "back": {"aliases": ["w"]}}})
    assert made["networks"] == {"default": {"aliases": ["shop-web"]}, "back": {"aliases": ["w", "shop-web"]}}
