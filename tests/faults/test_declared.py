"""What a system file says of its stack's trouble and volumes is read strictly."""

from __future__ import annotations

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.system.file import read_system

pytestmark = pytest.mark.proof

FILE = """
system.name = "shop"
services.web = { kind = "http", url = { env = "SHOP_URL" } }
[stack]
compose = "compose.yaml"
secrets = ["SHOP_PASSWORD"]
volumes = { data = "64m" }
trouble = { service = "web", token = "SHOP_TROUBLE", header = "X-Token", leak = "/leak", off = "/trouble" }
"""


def read(tmp_path, old="", new=""):
    path = tmp_path / "system.toml"
    path.write_text(FILE.replace(old, new))
    return read_system(path).stack


def test_it_is_read(tmp_path):
    stack = read(tmp_path)
    assert (stack.volumes, stack.trouble.token) == ({"data": "64m"}, "SHOP_TROUBLE")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("64m", "64", "stack.volumes.data"),
        ("64m", "0m", "stack.volumes.data"),
        ("SHOP_TROUBLE", "SHOP_PASSWORD", "for drills only: leave it out of stack.secrets"),
        (', off = "/trouble"', "", "stack.trouble.off: is missing"),
        ("/leak", "http://elsewhere/leak", "stack.trouble.leak"),
        ("X-Token", "X Token", "stack.trouble.header"),
        ('off = "/trouble"', 'off = "/trouble", more = 1', "stack.trouble.more: unknown key"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, old, new, complaint):
    with pytest.raises(Mistakes) as mistakes:
        read(tmp_path, old, new)
    assert complaint in str(mistakes.value)
