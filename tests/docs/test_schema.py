"""The schema for editors takes what the reader takes, and refuses what people get wrong."""

from __future__ import annotations

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator

from drillbook.reference import examples
from drillbook.system.kinds import kinds

FIRST = examples.FIRST.read_text()
MISTAKES = {
    "a key that is nearly one": ('name = "shop"', 'nmae = "shop"'),
    "a kind that there is not": ('kind = "redis"', 'kind = "rabbitmq"'),
    "a key of another kind": ('kind = "postgres"', 'kind = "postgres"\nmounts = ["/"]'),
    "an address in the file": ('{ env = "SHOP_URL" }', '"https://shop.example"'),
    "a variable in small letters": ('"SHOP_URL"', '"shop_url"'),
    "an address left out": ('dsn = { env = "SHOP_DATABASE_URL" }', ""),
    "a role that there is not": ('["cache"]', '["store"]'),
    "a number for a text": ('roles = ["api"]', "deadline = 3"),
    "a duration without a unit": ('roles = ["api"]', 'deadline = "3"'),
    "a limit's name without quotes": ("[environments", '[limits.redis.memory]\nhigh = "> 90"\n[environments'),
    "a severity of another tool": ("[environments", '[limits."redis.memory"]\nwarning = "> 90"\n[environments'),
    "a condition without a comparison": ("[environments", '[limits."redis.memory"]\nhigh = "90"\n[environments'),
    "a path without a slash": ('path = "/items"', 'path = "items"'),
    "an environment of no kind": ('kind = "staging"', 'kind = "test"'),
    "a service's name in capitals": ("[services.cache]", "[services.Cache]"),
    "a page of an upstream without a path": ('roles = ["api"]', 'roles = ["upstream"]\nready = { expect = 200 }'),
    "a read of no kind": ("[environments", '[signals."a.b"]\nread = { service = "cache", tail = 3 }\n[environments'),
}


@pytest.fixture(scope="module")
def schema(request):
    """The schema, ready to say what is wrong."""
    found = json.loads((request.config.rootpath / "docs" / "system-file.schema.json").read_text())
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def test_it_takes_every_system_file_that_there_is(schema, pytestconfig):
    files = [*(pytestconfig.rootpath / "systems").rglob("system.toml"), examples.WHOLE, examples.FIRST]
    texts = [path.read_text() for path in files] + [examples.text_of(kind) for kind in kinds().values()]
    assert len(texts) >= 3 + len(kinds())
    for text in texts:
        schema.validate(tomllib.loads(text))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_refuses_what_people_get_wrong(schema, mistake):
    old, new = MISTAKES[mistake]
    assert old in FIRST
    assert not schema.is_valid(tomllib.loads(FIRST.replace(old, new)))


def test_it_says_of_each_key_what_the_page_says(schema):
    health = schema.schema["$defs"]["Health"]
    assert health["description"].startswith("The health page.")
    assert all(key["description"] for key in health["properties"].values())
