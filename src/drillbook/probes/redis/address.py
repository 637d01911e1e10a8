"""Redis's addresses as applications write them: Celery, Django, Flask, Bull, Valkey's clients."""

from __future__ import annotations

import re
from dataclasses import replace

from drillbook.common.parameters import OF_REDIS_APPLICATIONS, REDIS
from drillbook.system.spelling import Misspelt, Spelling, Url, refuse_unknown, url_of, without

_SCHEMES = {
    "redis": "redis", "rediss": "rediss", "unix": "unix", "valkey": "redis", "valkeys": "rediss", "redis+tls": "rediss",
    "redis+socket": "unix", "redis+ssl": "rediss",
}  # fmt: skip
_OTHERS = (
    (r"(py)?amqps?|librabbitmq", "names RabbitMQ, which is no kind of service yet: leave this service out of the file"),
    (
        r"(redis\+|rediss\+|redis-)?sentinels?",
        "names Sentinels: give the address of the master itself (redis://HOST:PORT/0), which one of them says: "
        "redis-cli -h SENTINEL -p 26379 SENTINEL get-master-addr-by-name NAME",
    ),
    (r"(redis|rediss)[+-]cluster", "names a cluster: give the redis:// URL of one of its nodes"),
    (
        r"sqs|kafka|confluentkafka|mongodb|memory|filesystem|pulsar|gcpubsub",
        "names no Redis, as which this kind is asked",
    ),
    (r"https?|postgres(ql)?|mysql|memcached?", "names no Redis: give its redis:// or rediss:// URL"),
)
_NO_TLS = "says how certificates are checked, but not that TLS is spoken: write rediss:// in place of redis://"
_CERTIFICATES = ("none", "optional", "required")


def understood(address: str) -> Spelling:
    """`address` as redis-py reads it; Misspelt says what to change where that is not safe to guess."""
    scheme, is_url, rest = address.strip().partition("://")
    for pattern, words in _OTHERS if is_url else ():
        if re.fullmatch(pattern, scheme, re.IGNORECASE):
            raise Misspelt(words)
    if re.search(r";\s*rediss?://", rest):
        raise Misspelt("names several brokers: give the one that is in use, and another service for each of the rest")
    url = url_of(address)
    if not url or url.scheme not in _SCHEMES:
        return Spelling(address)
    asked = _in_words(_database(url))
    kept, notes = without(replace(asked, scheme=_scheme(asked)), OF_REDIS_APPLICATIONS)
    refuse_unknown([key for key, _ in kept.query], REDIS, "redis-py")
    if kept.scheme != "rediss" and any(key.startswith("ssl_") for key, _ in kept.query):
        raise Misspelt(_NO_TLS)
    return Spelling(kept.text(), notes)


def _scheme(url: Url) -> str:
    return _SCHEMES.get(url.scheme, url.scheme)


def _database(url: Url) -> Url:
    """The database where others look for it: in the path, but for a socket's. kombu calls it `virtual_host`."""
    said = [value for key, value in url.query if key in ("db", "virtual_host") and value.isdecimal()]
    rest = tuple(pair for pair in url.query if pair[0] not in ("db", "virtual_host"))
    if not said:
        return url
    if _scheme(url) == "unix":
        return replace(url, query=(("db", said[-1]), *rest))
    login, at, place = url.middle.rpartition("@")
    return replace(url, middle=f"{login}{at}{place.partition('/')[0]}/{said[-1]}", query=rest)


def _in_words(url: Url) -> Url:
    """What is asked of TLS in redis-py's words: Celery says CERT_NONE, others `ssl=true`."""
    wants = {key: value.lower() for key, value in url.query if key in ("ssl", "tls")}
    if set(wants.values()) - {"true", "1", "yes", "false", "0", "no", ""}:
        raise Misspelt("has a value of ssl that is neither true nor false")
    if any(value in ("true", "1", "yes") for value in wants.values()) and _scheme(url) == "redis":
        url = replace(url, scheme="rediss")
    return replace(url, query=tuple((key, _certificates(key, value)) for key, value in url.query if key not in wants))


def _certificates(key: str, value: str) -> str:
    if key != "ssl_cert_reqs":
        return value
    said = value.lower().removeprefix("ssl.").removeprefix("cert_")
    if said not in _CERTIFICATES:
        raise Misspelt("has a value of ssl_cert_reqs that is none of CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED")
    return said
