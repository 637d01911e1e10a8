"""An address taken apart: what of it is a place or a name, fit to print, and what is a login or could be one.

Addresses are read as generously as the most careless client reads them: everything between `://` and the last `@` is
login, whatever it holds (`#`, `/`, `?`, `:`, `%`, blanks), and so is everything behind `password=`. Where two readings
are possible (`http://host/a@b`), nothing is a place.

A user's name beside a password is a name, if it looks like one: words of letters, with at most four digits behind
them (`deals`, `shop_app2`, `SHOP`). Alone it is a name in PostgreSQL's addresses, and the secret itself in all
others (`redis://TOKEN@host`, `https://key:@host`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

from drillbook.common import semicolons
from drillbook.common.disguises import MASK
from drillbook.common.parameters import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_HOST = r"(?:\[[0-9a-f:.%]+\]|[\w.~-]+|%2f[\w.~%-]*)(?::\d{0,5})?"
_HOSTS = re.compile(rf"{_HOST}(?:,{_HOST})*", re.IGNORECASE)
_USER = re.compile(r"(?=.{1,32}$)(?:[a-z]+|[A-Z][a-z]+|[A-Z]+)(?:[ _.@-](?:[a-z]+|[A-Z][a-z]+|[A-Z]+))*\d{0,4}")
_NAME = re.compile(r"[\w.$-]{1,63}")
_WORD = re.compile(r"\s*(\w+)\s*=\s*('(?:\\.|[^'\\])*'|(?:\\.|[^\s'\\])*)(?=\s|$)")
_KEY = re.compile(r"(?:^|\s)(\w+)\s*=\s*")
_WITHOUT_A_HOST = ("unix", "redis+socket", "file")

# What clients know that is no setting, by what its value is.
_PLACES = frozenset({"host", "hostaddr", "port"})
_USERS = frozenset({"user", "username"})
_DATABASES = frozenset({"dbname", "database", "db", "virtual_host"})
_KNOWN = _PLACES | _USERS | _DATABASES | SETTINGS | {"password", "passfile", "ssl_password", "sslpassword"}


@dataclass(frozen=True)
class Parts:
    """What an address is made of.

    `place` is the host and port that are asked, empty where they cannot be known; `names` may be printed (hosts,
    databases, users); `secrets` may not, and stand there as the address has them.
    """

    place: str = ""
    names: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


def taken_apart(address: str) -> Parts:
    """The parts of a URL, or of a DSN of `key=value` words or pairs; what is none of them is a secret as a whole."""
    address = address.strip().removeprefix("jdbc:")
    if not address:
        return Parts()
    if url := _URL.fullmatch(address):
        return _of_url(url[1].lower(), url[2])
    if of_dot_net := semicolons.pairs(address):
        return _of_pairs(of_dot_net)
    if any(key[1].lower() in _KNOWN for key in _KEY.finditer(address)):
        return _of_words(address)
    return Parts(secrets=frozenset({address}))


def without_login(address: str) -> str:
    """`address` with whatever is secret in it masked, fit to print; of a DSN the place alone."""
    url, parts = _URL.fullmatch(address.strip().removeprefix("jdbc:")), taken_apart(address)
    if not url or not parts.place:
        return f"{url[1]}://{MASK}" if url else parts.place or MASK
    login, at, after = url[2].rpartition("@")
    user, colon, _ = login.partition(":")
    shown = user if not user or unquote(user) in parts.names else MASK
    for secret in sorted(parts.secrets, key=len, reverse=True):
        after = after.replace(secret, MASK)
    return f"{url[1]}://{shown}{colon and f':{MASK}'}{at}{after}"


def is_plain_user(name: str) -> bool:
    """Whether a user's name looks like a name, and not like a key or a token."""
    return bool(_USER.fullmatch(name))


def _of_url(scheme: str, rest: str) -> Parts:
    login, _, after = rest.rpartition("@")
    hosts, tail = _until(after, "/?#")
    names, secrets = _of_login(scheme, login)
    if _two_readings(login) or (hosts and not _HOSTS.fullmatch(hosts)):
        return Parts("", frozenset(names), frozenset({*secrets, rest}))
    path, query = _until(tail, "?#")
    asked = [*_query(query)]
    place = (unquote(hosts) if "%" in hosts else hosts) or _place(asked)
    place = place or (unquote(path) if scheme in _WITHOUT_A_HOST else "")
    more_names, more_secrets = _sorted_out(asked)
    databases = [one for one in map(unquote, path.split("/")) if _NAME.fullmatch(one)]
    known = {*names, *more_names, *databases, *_names_of_hosts(place)}
    return Parts(place, frozenset(known), frozenset({*secrets, *more_secrets}))


def _two_readings(login: str) -> bool:
    """Whether what stands before the last `@` could also be a host with a path, a query or a fragment."""
    head, more = _until(login, "/?#")
    return bool(more and _HOSTS.fullmatch(head.rpartition("@")[2]))


def _of_login(scheme: str, login: str) -> tuple[set[str], set[str]]:
    """The names in a login, and the secrets."""
    user, _, password = login.partition(":")
    plain = is_plain_user(unquote(user)) and (password or scheme.startswith("postgres"))
    if not plain:
        return set(), {one for one in (user, password, login if password else "") if one}
    name = unquote(user)
    return {name}, {password, login} if password and unquote(password) != name else set()


def _of_words(text: str) -> Parts:
    """A DSN of `key=value` words; the place is known only where every word is as libpq wants it."""
    found = [(word[1].lower(), _unquoted(word[2])) for word in _WORD.finditer(text)]
    if not re.fullmatch(rf"(?:{_WORD.pattern})*\s*", text) or not {key for key, _ in found} <= _KNOWN:
        return Parts(names=_KNOWN, secrets=frozenset({text, *_passwords(text)}))
    return _of_pairs(found)


def _of_pairs(found: list[tuple[str, str]]) -> Parts:
    place = _place(found)
    names, secrets = _sorted_out(found)
    return Parts(place, frozenset({*names, *_names_of_hosts(place)}), frozenset(secrets))


def _passwords(text: str) -> Iterator[str]:
    """What a DSN that libpq would refuse may mean by its passwords: all up to the next key that there is."""
    keys = [key for key in _KEY.finditer(text) if key[1].lower() in _KNOWN]
    for key, after in zip(keys, [*(one.start() for one in keys[1:]), len(text)], strict=True):
        if "pass" in key[1].lower():
            value = text[key.end() : after].strip()
            yield from (value, _unquoted(value))


def _unquoted(value: str) -> str:
    """A DSN's value without the quotes and backslashes that libpq takes away."""
    inner = value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value
    return re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)


def _query(text: str) -> Iterator[tuple[str, str]]:
    """The keys and values of a query, with what is no such pair, and the fragment, under an empty key."""
    query, _, fragment = text.removeprefix("?").partition("#") if text[:1] == "?" else ("", "", text[1:])
    for pair in re.split("[&;]", query):
        key, is_pair, value = pair.partition("=")
        yield (key.lower(), value) if is_pair else ("", key)
    yield "", fragment


def _sorted_out(pairs: Iterable[tuple[str, str]]) -> tuple[set[str], set[str]]:
    """The names among the values of these keys, and the secrets."""
    names, secrets = set[str](), set[str]()
    for key, value in pairs:
        shown = unquote_plus(value)
        if key in SETTINGS:
            continue
        if key not in _KNOWN and not value.strip("="):  # `?c2VjcmV0==` is a secret in base64, and no key
            secrets.update({key, unquote_plus(key)} - {""})
        public = (
            (key in _PLACES and (shown.startswith("/") or _HOSTS.fullmatch(shown)))
            or (key in _USERS and is_plain_user(shown))
            or (key in _DATABASES and _NAME.fullmatch(shown))
        )
        (names if public else secrets).update({value, shown} - {""})
    return names, secrets


def _place(pairs: Iterable[tuple[str, str]]) -> str:
    """`host:port` for each of the hosts that these keys name; a folder of sockets as it is."""
    found = {key: unquote(value) for key, value in pairs if key in _PLACES}
    hosts, ports = (found.get("host") or found.get("hostaddr") or "").split(","), found.get("port", "").split(",")
    ports = ports if len(ports) == len(hosts) else [ports[0]] * len(hosts)
    both = [
        f"{host}:{port}" if port and host[:1] != "/" else host for host, port in zip(hosts, ports, strict=True) if host
    ]
    return ",".join(both) if all(one[:1] == "/" or _HOSTS.fullmatch(one) for one in both) else ""


def _names_of_hosts(place: str) -> Iterator[str]:
    for host in place.split(","):
        yield from {host, re.sub(r":\d*$", "", host)} - {""}


def _until(text: str, ends: str) -> tuple[str, str]:
    """`text` before the first of `ends`, and from there on."""
    found = re.search(f"[{re.escape(ends)}]", text)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")
