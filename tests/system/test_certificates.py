"""Whose certificate is looked at, and where: what the address of a service says of TLS."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from drillbook.system.certificates import as_asked, places
from drillbook.system.file import System

SYSTEM = TypeAdapter(System)
URL = {"env": "THE_ADDRESS"}


def a_system(limits=None, **kinds):
    """A system with a service of each of these kinds, called by its name."""
    services = {name: {"kind": kind, "url": URL, **more} for name, (kind, more) in kinds.items()}
    return SYSTEM.validate_python({"system": {"name": "shop"}, "services": services, "limits": limits or {}})


@pytest.mark.parametrize(
    ("kind", "address", "place"),
    [
        ("http", "https://shop.example", "tls://shop.example:443"),
        ("http", "https://shop.example:8443/under/here", "tls://shop.example:8443"),
        ("http", "https://[::1]:8443", "tls://[::1]:8443"),
        ("http", "http://shop.example", None),
        ("prometheus", "https://user:pw@metrics.example/mimir", "tls://metrics.example:443"),
        ("redis", "rediss://:pw@cache.example/0?ssl_cert_reqs=none", "tls://cache.example:6379"),
        ("redis", "redis://cache.example", None),
        ("redis", "unix:///run/redis.sock", None),
        ("http", "https://shop.example:99999", None),
        ("http", "", None),
        ("tls", "tls://shop.example:443", None),
    ],
)
def test_tls_is_spoken_where_the_address_says_so(kind, address, place):
    assert places(a_system(one=(kind, {})), {"one": address}) == ({"one": place} if place else {})


def test_each_place_is_looked_at_once():
    system = a_system(one=("http", {}), other=("http", {}), port=("tls", {}), third=("http", {}))
    addresses = {
        "one": "https://a.example/x", "other": "https://a.example:443/y",
        "port": "tls://b.example:443", "third": "https://b.example",
    }  # fmt: skip
    assert places(system, addresses) == {"one": "tls://a.example:443"}


def test_what_no_check_asks_has_none():
    system = a_system(theirs=("redis", {"roles": ["upstream"]}))
    assert places(system, {"theirs": "rediss://a.example"}) == {}


@pytest.mark.parametrize("title", ["tls.days_left", "tls.days_left(one)"])
def test_what_is_stated_of_nobody_here_is_off_with_the_reason(title):
    system = a_system({title: {"unit": "days", "high": "< 9"}}, one=("http", {}))
    assert "no address says https://" in as_asked(system, ()).limits[title].off
    assert as_asked(system, ("one",)) is system
