"""What a system file must not say: every mistake is found before the first probe, all together, in plain words."""

import shutil
from pathlib import Path

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.system.library import Library
from drillbook.system.target import load_target

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
KINDS = "(kinds: aws, celery, files, host, http, log, loki, postgres, prometheus, redis, smtp, tls, upstream)"
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
    assert target.system.model_dump()["services"]["jobs"]["queues"] == ["celery"], "a dump has each kind's own keys"


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
        ('kind = "http"', 'kind = "rabbitmq"', f"services.web.kind: 'rabbitmq' is no kind of service {KINDS}"),
        ('kind = "http"', "", f"services.web: no kind of service is said {KINDS}"),
        ('kind = "http"', "kind = 1", f"services.web.kind: 1 is no kind of service {KINDS}"),
        ("[services.cache]", "[services]\nbus = 5\n[services.cache]", "services.bus: a service is a table"),
        ('broker = "cache"', 'broker = "web"', "'web' is no redis service"),
        ('medium = "> 500"', 'medium = "500"', "limits.api.p95.medium: '500' is no condition"),
        ('medium = "> 500"', 'medium = "> 500"\nhigh = "> 400"', "does not get worse"),
        ('medium = "> 500"', "", "has no rung"),
        ('medium = "> 500"', 'medium = "> 500"\nfor = "soon"', "'soon' is no duration"),
        ('medium = "> 500"', 'medium = "> 500"\nsevere = "> 900"', "limits.api.p95.severe: unknown key"),
        ('[limits."api.p95"]', '[limits."api.p59"]', "nothing is judged by that name: did you mean api.p95"),
        ('[limits."api.p95"]', '[limits."shop.age"]', "if a check of your own judges it, say own = true"),
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
        ('path = "/items"', 'path = "/items", budget = "sixty in all"', '"60 in all"'),
        ('kind = "redis"', 'kind = "redis"\nbudget = "0/min"', '"60/min"'),
        ("[services.web]", '[services.web]\nproxy = "http://squid:3128"', "services.web.proxy: addresses and secrets"),
    ],
)
def test_a_mistake_is_named_with_its_place(shop, old, new, message):
    with pytest.raises(Mistakes) as mistakes:
        shop((old, new))
    assert message in str(mistakes.value)
    assert "system.toml" in str(mistakes.value)
    assert "t0ps3cret" not in str(mistakes.value)


HEALTH = 'up = "$.ok == true"'
ITEMS = 'json = "$.items"'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (HEALTH, 'up = "ok is true"', "services.web.health.up: 'ok' is no JSON path: write '$.ok'"),
        (HEALTH, 'up = "$.ok is true"', "'$.ok is true' is no condition (behind $.ok goes ==, !=, <, <=, >, >= or in)"),
        (HEALTH, 'up = "$.ok = true"', "(behind $.ok goes =="),
        (HEALTH, 'up = "$.ok == yes"', "(behind == goes a text in quotes or a number)"),
        (HEALTH, """up = "$.ok in 'ok'" """, "(behind in goes a list: ['ok', 'up'])"),
        (HEALTH, 'up = "$.ok in []"', "(behind in goes a list"),
        (HEALTH, """up = "$.ok < 'x'" """, "(only a number can be compared by <)"),
        (
            HEALTH,
            'up = "$.cache-main == true"',
            "$['Cache backend: default']\" (a name with blanks, dots or dashes in it)",
        ),
        (HEALTH, 'up = "$.checks[?@.name = 1].ok"', "is no JSON path (unexpected filter"),
        (HEALTH, 'up = ".checks.db"', "'.checks.db' is no JSON path: write '$.checks.db'"),
        (HEALTH, 'up = "checks.0"', "'checks.0' is no JSON path (expected '$'"),
        (HEALTH, 'says = ""', "services.web.health.says: write the text that is right"),
        (
            HEALTH,
            "expect = 20",
            'services.web.health.expect: write a status, a class of them, or a list of both: 200, "2xx"',
        ),
        (HEALTH, "expect = []", "services.web.health.expect"),
        (HEALTH, 'deadline = "3"', "services.web.health.deadline: '3' is no duration"),
        (HEALTH, 'headers = { X-Api-Key = "t0ps3cret" }', "X-Api-Key is a secret, given by reference only"),
        ('cache = "$.cache"', 'cache = { line = "x" }', "services.web.health.parts.cache: a part is a condition"),
        ('cache = "$.cache"', 'cache = "cache"', "services.web.health.parts.cache: 'cache' is no JSON path"),
        (ITEMS, 'json = "$.pong == true"', "'$.pong == true' is a condition, where a path is wanted: write '$.pong'"),
        (ITEMS, 'json = "items"', "services.web.endpoints.items.json: 'items' is no JSON path"),
        (
            "endpoints.items",
            'login = { path = "/t", token = "$.t" }\nendpoints.items',
            "services.web.login: say what is sent",
        ),
        (
            "endpoints.items",
            'login = { path = "/t", token = "$.t", form = { password = "t0ps3cret" } }\nendpoints.items',
            "services.web.login.form: password is a secret, given by reference only",
        ),
        (
            "endpoints.items",
            'login = { path = "/t", form = { user = { env = "SHOP_URL" } } }\nendpoints.items',
            "services.web.login: say what comes back",
        ),
        (
            "endpoints.items",
            'metrics = { format = "json", requests = "requests" }\nendpoints.items',
            "services.web.metrics.requests: 'requests' is no JSON path",
        ),
    ],
)
def test_what_a_page_may_say_is_told_in_words(shop, old, new, message):
    with pytest.raises(Mistakes) as mistakes:
        shop((old, new))
    assert message in str(mistakes.value)
    assert "t0ps3cret" not in str(mistakes.value)
    assert "pattern" not in str(mistakes.value)


def test_a_header_that_is_no_secret_may_be_written(shop):
    target = shop((HEALTH, 'headers = { X-Forwarded-Proto = "https" }'))
    assert target.services["web"].page_headers["health"] == {"X-Forwarded-Proto": "https"}


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
        (
            "shop@prod",
            "environments: there is no shop@prod (known: shop@staging): choose one, or declare [environments.prod]",
        ),
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


TWO = """
[services.broker]
kind = "redis"
roles = ["broker"]
url = { env = "SHOP_REDIS_URL" }
[services.admin]
kind = "http"
url = { env = "SHOP_URL" }
health = { path = "/health", parts = { mail = "$.mail" } }
endpoints.items = { path = "/items" }
endpoints.users = { path = "/users" }
[services.stripe]
kind = "http"
roles = ["upstream"]
url = { env = "SHOP_URL" }
[limits."redis.memory(broker)"]
unit = "%"
critical = "> 70"
from = "Outage"
"""


@pytest.fixture
def two(shop):
    """Loads the file above with a second redis, a second API, and somebody else's; `more` is added to it."""
    return lambda more="": shop(('[limits."api.p95"]', f'{TWO}{more}\n[limits."api.p95"]'))


@pytest.mark.parametrize(
    ("name", "service", "title"),
    [
        ("redis.up", "broker", "redis.up(broker)"),
        ("api.up", "admin", "api.up(admin)"),
        ("items.ok", "admin", "items.ok(admin)"),
        ("users.ok", "admin", "users.ok"),
        ("health.cache", "web", "health.cache"),
        ("queue.depth", "jobs", "queue.depth"),
        ("redis.up", "", "redis.up"),
    ],
)
def test_a_title_names_the_service_where_several_are_judged_by_that_name(two, shop, name, service, title):
    assert two().limits.title(name, service) == title
    assert shop().limits.title(name, service) == name, "one of a kind needs no name"


def test_a_limit_of_one_service_goes_before_the_one_for_all(two):
    limits = two().limits
    assert limits.named("redis.memory", "broker").source == "Outage"
    assert limits.named("redis.memory", "cache").source == "house default"


def test_a_limit_of_the_only_service_is_printed_under_its_own_name(shop):
    limits = shop(
        (
            '[limits."api.p95"]',
            '[limits."redis.memory(cache)"]\nunit = "%"\nlow = "> 9"\nfrom = "Outage"\n[limits."api.p95"]',
        )
    ).limits
    assert limits.title("redis.memory", "cache") == "redis.memory(cache)"
    assert limits.title("redis.up", "cache") == "redis.up"


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("redis.memory(brokr)", "redis.memory is judged on cache, broker; not on 'brokr'"),
        ("redis.memory(web)", "redis.memory is judged on cache, broker; not on 'web'"),
        ("users.ok(web)", "users.ok is judged on admin; not on 'web'"),
        ("api.up(stripe)", "api.up is judged on web, admin; not on 'stripe'"),
        ("redis.memry(broker)", "nothing is judged by that name: did you mean redis.memory"),
        ("database.up(cache)", "database.up is judged on no service of this file; not on 'cache'"),
    ],
)
def test_a_limit_of_one_service_needs_that_service(two, title, message):
    with pytest.raises(Mistakes) as mistakes:
        two(f'[limits."{title}"]\nhigh = "no"\nfrom = "Outage"')
    [line] = mistakes.value.lines
    assert f"limits.{title}: {message}" in line


def test_a_role_is_one_of_those_that_there_are(shop):
    with pytest.raises(Mistakes) as mistakes:
        shop(('roles = ["api"]', 'roles = ["apii"]'))
    roles = "api, cache, broker, database, worker, scheduler, upstream, mail"
    assert str(mistakes.value).endswith(f": services.web.roles: 'apii' is no role (roles: {roles})")


ELSEWHERE = """
[system]
name = "shop"
[services.cloud]
kind = "aws"
region = "eu-central-1"
ENDPOINT
[services.log]
kind = "log"
file = "/var/log/shop.log"
[services.web]
kind = "http"
url = { env = "ADDRESS" }
ready = { path = "/" }
[limits."aws.alarm(cloud)"]
off = "the alarms of the account are judged elsewhere"
[signals."errors.logged"]
read = { service = "log", match = "ERROR", window = "5m", stamp = '^(?P<time>.{19})', timezone = "UTC" }
as = "count"
unit = "lines"
high = "> 5"
[signals."basket.size"]
read = { service = "web", path = "/", json = "$.size" }
high = "> 5"
[environments.local]
kind = "local"
"""


@pytest.mark.parametrize(
    ("environment", "endpoint", "elsewhere"),
    [
        ("local", "", ()),
        ("drill", "", ("cloud", "log")),
        ("drill", 'endpoint = { env = "ADDRESS" }', ("log",)),
    ],
)
def test_a_drill_asks_nothing_that_its_copy_has_no_part_of(tmp_path, environment, endpoint, elsewhere):
    (tmp_path / "systems" / "shop").mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / "systems" / "house.toml", tmp_path / "systems")
    (tmp_path / "systems" / "shop" / "system.toml").write_text(ELSEWHERE.replace("ENDPOINT", endpoint))
    target = load_target(f"shop@{environment}", Library(tmp_path, {"ADDRESS": "http://127.0.0.1:9"}))
    assert tuple(target.elsewhere) == elsewhere
    assert {"cloud", "log", "web"} - set(elsewhere) == set(target.services)
    assert ("errors.logged" in target.limits.by_title) is ("log" not in elsewhere)
    assert list(target.services["web"].signals) == ["basket.size"]
