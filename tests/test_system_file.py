"""What a system file must not say: every mistake is found before the first probe, all together, in plain words."""

import pytest

from drillbook.library import Library
from drillbook.mistakes import Mistakes
from drillbook.target import load_target

GOOD = """
[system]
name = "shop"
[runbook]
title = "Shop"
sections = ["Outage"]
[services.web]
kind = "http"
roles = ["api"]
url = { env = "SHOP_URL" }
headers = { Authorization = { env = "SHOP_TOKEN", prefix = "Bearer " } }
health = { path = "/health", up = "$.ok == true", parts = { cache = "$.cache" } }
endpoints.items = { path = "/items", json = "$.items" }
[services.cache]
kind = "redis"
url = { env = "SHOP_REDIS_URL" }
[services.jobs]
kind = "celery"
broker = "cache"
[limits."api.p95"]
unit = "ms"
medium = "> 500"
from = "Outage"
[environments.staging]
kind = "staging"
"""
TROUBLE = """
[stack]
compose = "compose.yaml"
[stack.trouble]
service = "cache"
token = "SHOP_TROUBLE"
header = "X-Trouble"
leak = "/leak"
off = "/off"
[environments.staging]
"""
ADDRESSES = {"SHOP_URL": "http://127.0.0.1:1", "SHOP_TOKEN": "t0ps3cret", "SHOP_REDIS_URL": "redis://:pa55word@h:1"}


@pytest.fixture
def shop(tmp_path, pytestconfig):
    """Loads `shop@staging` from an edited copy of the file above, with the house defaults of the checkout."""
    systems = tmp_path / "systems"
    (systems / "shop").mkdir(parents=True)
    (systems / "house.toml").symlink_to(pytestconfig.rootpath / "systems" / "house.toml")

    def load(*edits, target="shop@staging", environ=None):
        text = GOOD
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (systems / "shop" / "system.toml").write_text(text)
        return load_target(target, Library(tmp_path, ADDRESSES if environ is None else environ))

    return load


def test_a_good_file_is_a_target(shop):
    target = shop()
    assert (target.name, target.kind) == ("shop@staging", "staging")
    assert target.services["web"].headers == {"Authorization": "Bearer t0ps3cret"}
    assert target.services["jobs"].address == ADDRESSES["SHOP_REDIS_URL"]


def test_the_file_overrides_the_house_and_the_house_fills_the_rest(shop):
    limits = shop().limits
    assert limits.named("api.p95").source == "Outage"
    assert limits.named("api.up").source == "house default"
    assert limits.named("items.ok").words() == "no"
    assert limits.named("health.cache").worst.word == "high"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[system]\nname", "[system]\nnmae", "system.nmae: unknown key"),
        ('name = "shop"', 'name = "other"', "the folder is called 'shop'"),
        ('url = { env = "SHOP_URL" }', 'url = "http://h"', "services.web.url: addresses and secrets are given by"),
        ('{ env = "SHOP_TOKEN", prefix = "Bearer " }', '"t0ps3cret"', "by reference only"),
        ('kind = "http"', 'kind = "htpp"', "services.web"),
        ('broker = "cache"', 'broker = "web"', "'web' is no redis service"),
        ('medium = "> 500"', 'medium = "500"', "limits.api.p95: '500' is no condition"),
        ('medium = "> 500"', 'medium = "> 500"\nhigh = "> 400"', "does not get worse"),
        ('medium = "> 500"', "", "has no rung"),
        ('medium = "> 500"', 'medium = "> 500"\nfor = "soon"', "'soon' is no duration"),
        ('medium = "> 500"', 'medium = "> 500"\nsevere = "> 900"', "limits.api.p95.severe: unknown key"),
        ('[limits."api.p95"]', '[limits."api.p59"]', "nothing is judged by that name: did you mean api.p95"),
        ('from = "Outage"', 'from = "Outrage"', "'Outrage' is not among runbook.sections"),
        ("[environments.staging]", "[environments.drill]", "drills make their own environment"),
        ('kind = "staging"', 'kind = "stagign"', "environments.staging.kind"),
        ('kind = "staging"', "", "environments.staging.kind"),
        ('path = "/items"', 'path = "items"', "services.web.endpoints.items.path"),
        ('"$.ok == true"', '"ok is true"', "services.web.health.up"),
        ("[system]", "[system", "is not TOML"),
        ("[environments.staging]", TROUBLE, "stack.trouble.service: 'cache' is no http service of this file"),
        ("[services.web]", "[services.Web]", "services.Web"),
        ('kind = "redis"', 'kind = "redis"\nbudget = "lots"', '"60/min"'),
        ('kind = "redis"', 'kind = "redis"\ndeadline = "3"', "is no duration"),
    ],
)
def test_a_mistake_is_named_with_its_place(shop, old, new, message):
    with pytest.raises(Mistakes) as mistakes:
        shop((old, new))
    assert message in str(mistakes.value)
    assert "system.toml" in str(mistakes.value)
    assert "t0ps3cret" not in str(mistakes.value)


def test_all_mistakes_are_said_at_once(shop):
    with pytest.raises(Mistakes) as mistakes:
        shop(
            ('medium = "> 500"', 'medium = "500"'), ('url = { env = "SHOP_URL" }', 'url = "http://h"'), ("/items", "x")
        )
    assert len(mistakes.value.lines) == 3


def test_all_missing_variables_are_said_at_once_with_the_mistakes_in_names(shop):
    with pytest.raises(Mistakes) as mistakes:
        shop(('[limits."api.p95"]', '[limits."api.p59"]'), environ={})
    said = str(mistakes.value)
    assert len(mistakes.value.lines) == 4
    assert all(f"{name} is not set" in said for name in ADDRESSES)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("shop@prod", "unknown target shop@prod: choose one that system.toml declares (known: shop@staging)"),
        ("shpo@staging", "no system is called 'shpo' (known: shop)"),
        ("../shop@staging", "no system is called"),
        ("shop", "is not SYSTEM@ENV (known: shop@staging)"),
        ("@staging", "is not SYSTEM@ENV"),
        ("shop@", "is not SYSTEM@ENV"),
    ],
)
def test_a_target_that_does_not_exist_is_answered_with_those_that_do(shop, target, message):
    with pytest.raises(Mistakes) as mistakes:
        shop(target=target)
    assert message in str(mistakes.value)


def test_a_limit_of_the_systems_own_is_declared_as_such(shop):
    target = shop(('[limits."api.p95"]', '[limits."basket.age"]\nown = true'))
    assert target.limits.named("basket.age").unit == "ms"


def test_an_unknown_limit_name_is_answered_with_the_nearest(shop):
    with pytest.raises(Mistakes, match=r"no limit is called 'redis.pnig': did you mean redis.ping"):
        shop().limits.named("redis.pnig")


def test_a_target_shows_no_secret_in_its_repr(shop):
    assert not any(secret in repr(shop()) for secret in ("t0ps3cret", "pa55word"))


def test_addresses_come_from_the_environment_before_the_kept_file(shop, tmp_path):
    (tmp_path / ".drillbook").mkdir()
    kept = "".join(f"{name}={value}\n" for name, value in ADDRESSES.items())
    (tmp_path / ".drillbook" / "shop@staging.env").write_text(kept)
    target = shop(environ={"SHOP_URL": "http://elsewhere"})
    assert target.services["web"].address == "http://elsewhere"
    assert target.services["cache"].address == ADDRESSES["SHOP_REDIS_URL"]
    assert target.overridden == ["SHOP_URL"]


def test_users_keep_their_systems_where_they_like(shop, tmp_path):
    shop()
    (tmp_path / "systems").rename(tmp_path / "mine")
    library = Library(tmp_path, {**ADDRESSES, "DRILLBOOK_SYSTEMS": str(tmp_path / "mine")})
    assert load_target("shop@staging", library).name == "shop@staging"
