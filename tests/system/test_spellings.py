"""Addresses as applications write them: understood, or one line says what to change, and no secret in it."""

from __future__ import annotations

import psycopg
import pytest
import redis

from drillbook.common.login import taken_apart
from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import masked, scrub
from drillbook.system.library import Library
from drillbook.system.target import load_target

SECRET = "Sup3rS3cretPart"
SYSTEM = """
[system]
name = "shop"
[services.db]
kind = "postgres"
dsn = { env = "SHOP_DB" }
[services.cache]
kind = "redis"
url = { env = "SHOP_CACHE" }
[services.jobs]
kind = "celery"
broker = "cache"
[environments.local]
kind = "local"
"""
DB = "postgresql://shop:pw@db/shop"
CACHE = "redis://cache:6379/0"


@pytest.fixture
def shop(tmp_path):
    """The target `shop@local` with these addresses."""
    (tmp_path / "systems" / "shop").mkdir(parents=True)
    (tmp_path / "systems" / "shop" / "system.toml").write_text(SYSTEM)
    (tmp_path / "systems" / "house.toml").write_text("[limits]\n")
    return lambda db=DB, cache=CACHE: load_target("shop@local", Library(tmp_path, {"SHOP_DB": db, "SHOP_CACHE": cache}))


@pytest.mark.parametrize(
    ("written", "read", "note"),
    [
        ("postgres://shop:{}@db/shop", {}, ""),
        ("postgresql+psycopg://shop:{}@db:5433/shop", {"port": "5433"}, ""),
        ("postgresql+asyncpg://shop:{}@db/shop?ssl=require", {"sslmode": "require"}, "ssl=require is taken for"),
        ("postgis://shop:{}@db/shop?conn_max_age=60&sslmode=prefer", {"sslmode": "prefer"}, "conn_max_age: for the"),
        ("postgresql://shop:{}@db/shop?prepared_statement_cache_size=0", {}, "prepared_statement_cache_size: for"),
        ("postgresql://shop:{}@db/shop?schema=public&connection_limit=5", {}, "connection_limit, schema: for"),
        ("postgresql://shop:{}@db/shop?sslmode=no-verify", {"sslmode": "require"}, "sslmode=no-verify is taken"),
        ("postgresql://shop:{}@db/shop?ssl=false", {"sslmode": "disable"}, "ssl=false is taken"),
        (
            "postgresql://shop:{}@db/shop?ssl=true",
            {"sslmode": "verify-full", "sslrootcert": "system"},
            "ssl=true is taken for sslmode=verify-full",
        ),
        ("postgresql://shop:{}@db:1,db2:2/shop?target_session_attrs=any", {"host": "db,db2", "port": "1,2"}, ""),
        ("jdbc:postgresql://db:5/shop?user=shop&password={}&currentSchema=stock", {"port": "5"}, "currentSchema: for"),
        ("Host=db;Port=6;Username=shop;Password={};Database=shop;SSL Mode=Require;Pooling=true", {"port": "6"}, "pool"),
        ("Server=db;User Id=shop;Pwd='{};''x';Database=shop", {"password": f"{SECRET};'x"}, ""),
        ("host=db user=shop password={} dbname=shop", {}, ""),
    ],
)
def test_an_applications_own_dsn_is_what_libpq_reads(shop, written, read, note):
    target = shop(written.format(SECRET))
    known = psycopg.conninfo.conninfo_to_dict(target.services["db"].address)
    assert known.items() >= ({"host": "db", "user": "shop", "password": SECRET, "dbname": "shop"} | read).items()
    assert note in target.notes.get("SHOP_DB", "")
    assert bool(note) == bool(target.notes)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("rediss://:{}@cache/0?ssl_cert_reqs=CERT_NONE", {"ssl_cert_reqs": "none", "db": 0}),
        ("rediss://:{}@cache/0?ssl_cert_reqs=none", {"ssl_cert_reqs": "none"}),
        ("rediss://:{}@cache/0?ssl_cert_reqs=ssl.CERT_REQUIRED&ssl_ca_certs=/ca.pem", {"ssl_ca_certs": "/ca.pem"}),
        ("rediss://:{}@cache/0?ssl_cert_reqs=optional", {"ssl_cert_reqs": "optional"}),
        ("redis://:{}@cache?virtual_host=3&visibility_timeout=3600", {"db": 3}),
        ("redis://:{}@cache/2?family=0&keyPrefix=bull", {"db": 2}),
        ("redis://:{}@cache/0?ssl=true", {"connection_class": redis.SSLConnection}),
        ("valkeys://:{}@cache/1", {"connection_class": redis.SSLConnection}),
        ("unix://:{}@/run/redis.sock?db=1", {"path": "/run/redis.sock", "db": 1}),
        ("redis+socket://:{}@/run/redis.sock?virtual_host=4", {"path": "/run/redis.sock", "db": 4}),
    ],
)
def test_celerys_and_others_addresses_are_what_redis_py_reads(shop, written, read):
    target = shop(cache=written.format(SECRET))
    address = target.services["cache"].address
    pool = redis.ConnectionPool.from_url(address)
    assert ({"connection_class": pool.connection_class} | pool.connection_kwargs).items() >= read.items()
    assert pool.connection_kwargs["password"] == SECRET
    pool.make_connection()
    assert target.services["jobs"].address == address


@pytest.mark.parametrize(
    ("addresses", "message"),
    [
        ({"db": "mysql://shop:{}@db/shop"}, "$SHOP_DB of shop@local (services.db) is an address of mysql"),
        ({"db": "jdbc:postgresql:shop?password={}"}, "is a JDBC address without a host"),
        ({"db": "postgresql://shop:{}@db/shop?frobnicate=1"}, "sets frobnicate, which libpq does not know"),
        ({"db": "postgresql://shop:{}@db/shop?sslmode=perhaps"}, "write sslmode=disable|allow|prefer|require"),
        ({"db": "Host=db;Password={};Frobnicate=1"}, "sets frobnicate, which libpq does not know"),
        ({"cache": "amqp://shop:{}@cache//"}, "$SHOP_CACHE of shop@local (services.cache) names RabbitMQ"),
        ({"cache": "sentinel://:{}@a:26379;sentinel://b:26379"}, "SENTINEL get-master-addr-by-name"),
        ({"cache": "redis-sentinel://:{}@a:26379/mymaster"}, "names Sentinels: give the address of the master"),
        ({"cache": "redis://:{}@a/0;redis://b/0"}, "names several brokers"),
        ({"cache": "redis://:{}@a/0?frobnicate=1"}, "sets frobnicate, which redis-py does not know"),
        ({"cache": "redis://:{}@a/0?ssl_cert_reqs=none"}, "write rediss:// in place of redis://"),
        ({"cache": "rediss://:{}@a/0?ssl_cert_reqs=maybe"}, "none of CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED"),
        ({"cache": "sqs://key:{}@"}, "names no Redis"),
    ],
)
def test_what_is_not_understood_is_said_before_anything_is_asked(shop, addresses, message):
    with pytest.raises(Mistakes) as mistakes:
        shop(**{name: written.format(SECRET) for name, written in addresses.items()})
    assert message in str(mistakes.value)
    assert len(mistakes.value.lines) == 1, "the broker's address is said once, not for each service that has it"
    assert SECRET not in str(mistakes.value)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("jdbc:postgresql://db.internal:5432/shop?user=shop&password={}&currentSchema=inventory", "db.internal:5432"),
        ("Host=db.internal;Port=5432;Username=shop;Password={};Database=inventory", "db.internal:5432"),
        ('Server=db.internal;Uid=shop;Pwd="a;{}";Search Path=inventory', "db.internal"),
        ("postgresql+asyncpg://shop:{}@db.internal/inventory?ssl=require", "db.internal"),
        ("postgresql://shop:{}@db.internal/shop?schema=inventory&connection_limit=5", "db.internal"),
        ("rediss://:{}@cache.internal:6380/0?ssl_cert_reqs=CERT_NONE", "cache.internal:6380"),
    ],
)
def test_in_each_spelling_the_place_is_known_and_the_secret_is_masked(shop, written, place):
    name = "cache" if written.startswith("redis") else "db"
    target = shop(**{name: written.format(SECRET)})
    assert taken_apart(written.format(SECRET)).place == target.services[name].where == place
    for address in (written.format(SECRET), target.services[name].address):
        assert SECRET not in scrub(address)
        assert SECRET not in masked(address)
    assert scrub(f"{place}, the schema inventory") == f"{place}, the schema inventory"


@pytest.mark.parametrize("written", ["{}", "{}@db", "host=db password={} and blanks", "cache:1", "://{}"])
def test_what_cannot_be_taken_apart_stays_as_it_is(shop, written):
    target = shop(written.format(SECRET), written.format(SECRET))
    assert target.services["db"].address == target.services["cache"].address == written.format(SECRET)
