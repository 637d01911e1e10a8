"""Reads a mail server: greeting, EHLO, STARTTLS where it is offered, login, a mail where one may be sent, goodbye."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from drillbook.probes.failure import NO_TLS, Failure, classify, crashed, failure
from drillbook.probes.lateness import Stopwatch
from drillbook.probes.runner import hurried
from drillbook.probes.smtp.table import ADDRESS
from drillbook.probes.smtp.talk import Stranger, Talk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.system.target import Service

_PORTS = {"smtp": 587, "smtps": 465}
_GOES_ON, _READY, _DONE, _TAKES_US, _FORWARDS, _LISTENS = 334, 220, 250, 235, 251, 354
_BODY = "Drillbook asks with this whether mail is taken. Nobody needs to answer it."
_NO_URL = "its address is no smtp:// or smtps:// URL"
_NO_TLS = "it does not speak TLS from the first byte: write smtp://, of which STARTTLS is a part where it is offered"
_NONE_AFTER_ALL = "it says yes to STARTTLS, and then speaks no TLS"
_TLS_AT_ONCE = "it does not greet us: at port 465 TLS is spoken from the first byte: write smtps://"
_IN_THE_CLEAR = "it offers no STARTTLS, and we send no password over a network unencrypted: use smtps://, or no login"


@dataclass(frozen=True)
class Place:
    """Where a mail server is, and who we are there."""

    scheme: str
    host: str
    port: int
    user: str
    password: str


def place(address: str) -> Place:
    """What an address says; a password may hold whatever it likes."""
    scheme, _, rest = address.partition("://")
    if scheme not in _PORTS:
        raise Stranger(_NO_URL)
    login, _, where = rest.rpartition("@")
    user, _, password = login.partition(":")
    try:
        parts = urlsplit(f"//{where}")
        host, port = parts.hostname or "", parts.port or _PORTS[scheme]
    except ValueError:
        raise Stranger(f"{_NO_URL}: its host or port is none") from None
    return Place(scheme, host, port, unquote(user), unquote(password))


def is_near(peer: str) -> bool:
    """Whether what is sent to that address does not leave this machine."""
    return ip_address(peer).is_loopback


async def facts(service: Service) -> dict[str, Any]:
    """How long the greeting `took`, in seconds, the codes of `greeting`, `ehlo` and `login`, and what `failed`.

    `heard` is the last line that it said. `mail` has how far the mail came, where one may be sent: the `step` that was
    refused, and its `code`; `asking` is the last step that was begun.
    """
    return await _facts(service, mail=cost(service) > 1)


async def anew(service: Service, _what: str, _first: dict[str, Any]) -> dict[str, Any]:
    """The facts of one more connection, on which no mail is sent."""
    return await _facts(service, mail=False)


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing here counts."""


def cost(service: Service) -> int:
    """One connection, and one mail where that may be sent."""
    return 2 if service.mail and "mail" in service.writes else 1


async def _facts(service: Service, *, mail: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"failed": None}
    addresses = service.mail if mail else {}
    try:
        await hurried(_talk(place(service.address), addresses, found), service.declared.seconds)
    except Exception as error:
        failed = _failure(error, _NO_TLS if service.address.startswith("smtps") else _NONE_AFTER_ALL)
        mute = failed.get("silent", False) and "greeting" not in found
        excuse = _excuse(service, found) if mute else ""
        found |= {"failed": failure("unknown", excuse) if excuse else failed, "mute": mute}
    return found | {"asked": 1 + found.pop("begun", 0)}


def _excuse(service: Service, found: Mapping[str, Any]) -> str:
    """Why it proves nothing that its greeting did not come; empty where it does."""
    if "heard" in found:
        return f"it lets us wait for all of its greeting, as postscreen does: raise services.{service.name}.deadline"
    at = place(service.address)
    return _TLS_AT_ONCE if (at.scheme, at.port) == ("smtp", _PORTS["smtps"]) else ""


async def _talk(at: Place, mail: Mapping[str, str], found: dict[str, Any]) -> None:
    context = ssl.create_default_context() if at.scheme == "smtps" else None
    writer = None
    try:
        with Stopwatch() as watch:
            reader, writer = await asyncio.open_connection(at.host, at.port, ssl=context)
            found["by"] = "{}:{}".format(*writer.get_extra_info("peername")[:2])
            talk = Talk(reader, writer, found)
            found["greeting"], _ = await talk.reply()
        found |= watch.timed()
        if found["greeting"] == _READY:
            await _introduced(talk, at, mail, found)
    finally:
        if writer:
            writer.transport.abort()  # a goodbye of TLS would wait for theirs


async def _introduced(talk: Talk, at: Place, mail: Mapping[str, str], found: dict[str, Any]) -> None:
    found["ehlo"], offers = await talk.ask(talk.hello())
    if found["ehlo"] == _DONE and (at.user or mail):
        if "STARTTLS" in offers and at.scheme == "smtp":
            offers = await _encrypted(talk, at)
        elif at.user and at.scheme == "smtp" and not is_near(talk.writer.get_extra_info("peername")[0]):
            raise Stranger(_IN_THE_CLEAR)
        if at.user:
            found["offered"] = sorted(offers.get("AUTH", []))
            found["login"] = await _login(talk, at, found["offered"])
        if mail and found.get("login", _TAKES_US) == _TAKES_US:
            found["begun"] = 1
            found["mail"] = await _handed_over(talk, mail)
    await talk.say("QUIT")


async def _handed_over(talk: Talk, mail: Mapping[str, str]) -> dict[str, Any]:
    if wrong := next((which for which, address in mail.items() if not ADDRESS.fullmatch(address)), ""):
        raise Stranger(f"what `mail` has for `{wrong}` is no address")
    steps = (
        ("MAIL FROM", f"MAIL FROM:<{mail['from']}>", (_DONE,)),
        ("RCPT TO", f"RCPT TO:<{mail['to']}>", (_DONE, _FORWARDS)),
        ("DATA", "DATA", (_LISTENS,)),
        ("the mail", f"{_message(mail)}\r\n.", (_DONE,)),
    )
    for step, line, right in steps:
        talk.found["asking"] = step
        code, _ = await talk.ask(line)
        if code not in right:
            return {"step": step, "code": code}
    return {"step": "", "code": code}


def _message(mail: Mapping[str, str]) -> str:
    """A mail that no filter of a mailbox, and no robot that answers, takes for somebody's."""
    made_by = make_msgid(domain=mail["from"].rpartition("@")[2])
    head = {
        "From": mail["from"],
        "To": mail["to"],
        "Subject": "Drillbook check",
        "Date": formatdate(),
        "Message-ID": made_by,
        "Auto-Submitted": "auto-generated",
    }
    return "\r\n".join([*(f"{name}: {value}" for name, value in head.items()), "", _BODY])


async def _encrypted(talk: Talk, at: Place) -> dict[str, list[str]]:
    code, _ = await talk.ask("STARTTLS")
    if code != _READY:
        raise Stranger(f"it offers STARTTLS, and answers {code} to it")
    await talk.writer.start_tls(ssl.create_default_context(), server_hostname=at.host)
    _, offers = await talk.ask(talk.hello())
    return offers


async def _login(talk: Talk, at: Place, ways: list[str]) -> int | None:
    """The code that the login is answered with; None where none is offered that we know."""
    if "PLAIN" in ways:
        code, _ = await talk.ask(f"AUTH PLAIN {_encoded(f'{chr(0)}{at.user}{chr(0)}{at.password}')}")
        return code
    if "LOGIN" not in ways:
        return None
    for line in ("AUTH LOGIN", _encoded(at.user), _encoded(at.password)):
        code, _ = await talk.ask(line)
        if code != _GOES_ON:
            break
    return code


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _failure(error: Exception, no_tls: str) -> Failure:
    if isinstance(error, Stranger):
        return failure("unknown", str(error))
    if isinstance(error, ssl.SSLError) and error.reason in NO_TLS:
        return failure("unknown", no_tls)
    if isinstance(error, asyncio.LimitOverrunError):
        return failure("unknown", "it does not speak SMTP: a line of it does not end")
    if isinstance(error, asyncio.IncompleteReadError):
        return failure("down", "it closed the connection in the middle of the dialogue")
    if found := classify(error):
        return found
    return failure("down", "it closed the connection") if isinstance(error, ConnectionError) else crashed(error)
