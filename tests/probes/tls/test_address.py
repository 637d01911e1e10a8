"""Where TLS is spoken, as people write it."""

from __future__ import annotations

import pytest

from drillbook.probes.tls.address import understood
from drillbook.system.spelling import Misspelt


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("shop.example:8443", "tls://shop.example:8443"),
        ("shop.example", "tls://shop.example:443"),
        (" https://shop.example/deals?q=1 ", "tls://shop.example:443"),
        ("tls://10.0.0.7:6380", "tls://10.0.0.7:6380"),
        ("[::1]:8443", "tls://[::1]:8443"),
    ],
)
def test_it_is_a_host_and_a_port(written, read):
    assert understood(written).address == read


@pytest.mark.parametrize("written", ["http://shop.example", "shop.example:99999", "tls://", "https://me:secret@shop"])
def test_what_is_none_is_said_without_its_secrets(written):
    with pytest.raises(Misspelt, match="write HOST:PORT") as caught:
        understood(written)
    assert "secret" not in str(caught.value)
