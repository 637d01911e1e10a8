"""A service outside: whatever of it fails comes to one verdict, at the limit of its own, and never to the API's."""

from __future__ import annotations

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.probes.measure import measure
from drillbook.probes.signal import Asked
from drillbook.probes.upstream.noun import Upstream

LINES = """
roles = ["upstream"]
health = { path = "/status", up = "$.status == 'operational'", parts = { cards = "$.cards" } }
endpoints.rates = { path = "/rates", json = "$.rates" }
"""


def well(service):
    return Upstream(service, measure([service], 0.0)[service.name]).well()


@pytest.mark.parametrize(
    ("path", "body", "status", "value", "reason"),
    [
        ("/status", '{"status": "operational", "cards": true}', 200, True, ""),
        ("/status", '{"status": "outage", "cards": true}', 200, False, "$.status is 'outage'"),
        ("/status", '{"status": "operational", "cards": false}', 200, False, "$.cards is false"),
        ("/status", "<html>", 503, False, "/status answered 503"),
        ("/status", "<html>", 200, None, "/status is not JSON"),
        ("/rates", '{"rates": []}', 200, False, "$.rates has 0 items"),
        ("/rates", "no", 401, None, "login refused for web"),
    ],
)
def test_what_fails_of_it_is_said_once(path, body, status, value, reason, declared, server):
    server.say("/status", '{"status": "operational", "cards": true}')
    server.say("/rates", '{"rates": [1]}')
    server.say(path, body, status=status)
    found = well(declared(LINES, server.address))
    assert found.value is value
    assert reason in found.reason


def test_its_metrics_are_its_owners(declared, server):
    with pytest.raises(Mistakes, match="of a service of role upstream no metrics are judged"):
        declared(LINES + 'metrics = { path = "/metrics" }', server.address)


QUOTA = """
[signals."theirs.quota_left"]
read = { service = "web", path = "/account", json = "$.left" }
as = "ratio"
of = { path = "/account", json = "$.allowance" }
unit = "%"
medium = "< 20"
"""


@pytest.mark.parametrize(("status", "value"), [(200, 15.0), (401, None), (503, None)])
def test_what_is_left_of_its_quota_is_read_as_a_number_of_our_own_would_be(status, value, declared, server):
    server.say("/status", '{"status": "operational", "cards": true}')
    server.say("/rates", '{"rates": [1]}')
    server.say("/account", '{"left": 15, "allowance": 100}', status=status)
    service = declared(LINES + QUOTA, server.address)
    noun = Upstream(service, measure([service], 0.0)[service.name])
    [found] = Asked(noun, service.signals["theirs.quota_left"])
    assert found.value == value
    assert noun.well().value is True
