"""Secrets never reach an output: every value that came from a secret's variable is remembered and masked.

What we write ourselves holds no secret to begin with; `scrub` is for what others say (a library's error, a target's
answer) and is called where text leaves the process: before it is cut, for half a secret is one too.

A secret is masked as a whole, in each piece of six characters or more between characters that separate (`#/?@:%&=`
and blanks), in every form in which it travels, and in any run of eight characters or more of one of those: a target
may have cut it. What is no secret: a word that every report holds (`postgres`, `password`), and the names that
`keep_names` was told (services, hosts, databases, users): masking them would hide the report and nothing else.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, unquote_plus

from drillbook.common.disguises import MASK, disguises
from drillbook.common.login import is_plain_user, taken_apart, without_login
from drillbook.common.runs import Runs, without
from drillbook.common.veils import WORDS, has_veils, layers

SHORTEST = 6
SHORT = 200
_SEPARATORS = re.compile(r"[\s#/?@:%&=;,'\"\\<>(){}\[\]|]+")
_LOGIN = re.compile(r"(?<=://)([^/@\s:]{0,512})(:[^@\s/]{1,512})?(?=@)")
_NUMBERS = re.compile(r"\d+(\.\d+){3}")  # an IPv4 address is a place, wherever it stands
_ENDS = re.compile(r"^[\W_]+|[\W_]+$")
_WORDS = """
access account accounts address admin administrator allow always answered anonymous api_key apikey
authentication authorization backend basic bearer breached broker cache celery charset client connection
connect_timeout critical database databases default delete deploy develop development digest disable drillbook
false frontend health healthy https localhost master medium memory metrics monitor mysql negotiate nobody
number object options owner passive password passwords pending postgres postgresql prefer primary private
production public readonly ready redis rediss refused request require required response secret secrets secure
server service services session sessions shop skipped sqlalchemy sslmode staging standby status string system
target testing timeout token tokens unauthorized unknown urlsafe username utf-8 verdict verify verify-ca
verify-full worker workers application samesite httponly max-age expires
sentinel sentinels
"""
PLAIN = frozenset(_WORDS.split())
_remembered = Runs()
_kept: set[str] = set()
_names: set[str] = set()
_names_together = ""


def keep_secret(value: str) -> str:
    """Remembers `value` as something to mask, as a whole and in its pieces; gives it back unchanged.

    What is shorter than six characters is not remembered: masking it would make every text unreadable.
    """
    for form in {value, value.strip(), unquote(value), unquote_plus(value)}:
        for piece in {form, *_SEPARATORS.split(form)}:
            _keep(piece)
    return value


def keep_names(*names: str) -> None:
    """Remembers names that are printed on purpose: they are no secrets, whatever a secret has in common with them."""
    global _names_together
    _names.update(name.casefold() for name in names if len(name) >= 2)
    _names_together = "\n".join(_names | PLAIN)


def keep_secrets_of(address: str) -> str:
    """Remembers what is secret in a URL or DSN, and what is a name in it; gives it back unchanged."""
    parts = taken_apart(address)
    keep_names(*parts.names)
    for secret in parts.secrets:
        keep_secret(secret)
    return address


def keep_header(value: str) -> str:
    """Remembers what is secret in a header: all behind its scheme, and the login that `Basic` encodes; unchanged."""
    scheme, blank, rest = value.strip().partition(" ")
    keep_secret(rest if blank and scheme.casefold() in PLAIN else value)
    for word in value.split():
        if login := _decoded(word):
            user, _, password = login.partition(":")
            keep_secret(password)
            if not is_plain_user(user):
                keep_secret(user)
    return value


def masked(address: str) -> str:
    """`address` with its login masked, fit to print."""
    return without_login(address)


def scrub(text: str) -> str:
    """`text` without any remembered secret and without any login inside a URL.

    A report says the same few words again and again: what became of short texts is remembered, as long as no secret
    and no name is learnt.
    """
    return _known(text, len(_kept), len(_names)) if len(text) <= SHORT else _scrub(text)


@lru_cache(maxsize=1024)
def _known(text: str, _secrets: int, _names: int) -> str:
    return _scrub(text)


def _scrub(text: str) -> str:
    text = WORDS.sub(_unveiled, _told(text)) if has_veils(text) else _told(text)
    return _LOGIN.sub(_mask_login, text) if "://" in text else text


def scrubbed(value: Any) -> Any:
    """`value`, made of tables, lists and plain values, with every text in it scrubbed."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {scrubbed(key): scrubbed(one) for key, one in value.items()}
    return [scrubbed(one) for one in value] if isinstance(value, list | tuple) else value


def _keep(piece: str) -> None:
    if piece in _kept or len(piece) < SHORTEST or piece.casefold() in PLAIN or _NUMBERS.fullmatch(piece):
        return
    for form in disguises(piece):
        _remembered.add(form)
    _kept.add(piece)


def _told(text: str) -> str:
    """`text` without what is remembered, as it stands there."""
    text = without(text, _remembered.found(text, passes=_is_a_name), MASK)
    spans = _remembered.short(text)
    return without(text, [one for one in spans if text[slice(*one)].casefold() not in _names], MASK)


def _unveiled(found: re.Match[str]) -> str:
    """A word as it is; masked where it says a secret once what was put around it is taken off."""
    return MASK if any(_told(one) != one for one in layers(found[0])) else found[0]


def _is_a_name(run: str) -> bool:
    return _ENDS.sub("", run.casefold()) in (_names_together or "\n".join(PLAIN))


def _mask_login(found: re.Match[str]) -> str:
    user, password = found[1], found[2]
    plain = not user or user == MASK or is_plain_user(user)
    return (user if plain else MASK) + (f":{MASK}" if password else "")


def _decoded(word: str) -> str:
    """The `user:password` that `word` is in base64; empty where it is none."""
    try:
        text = base64.b64decode(
            word + "=" * (-len(word) % 4), altchars=b"-_" if set("-_") & set(word) else None, validate=True
        ).decode()
    except (binascii.Error, ValueError):
        return ""
    return text if ":" in text and text.isprintable() else ""
