"""What an exception says about a target, decided in one place.

`down`: it was asked and did not serve. `unknown`: our own side failed, or something else answered; that says
nothing about the target. `login`: it spoke and would not let us in. `full`: it spoke and had no room.
"""

from __future__ import annotations

import errno
import socket
import ssl
import unicodedata
from typing import TYPE_CHECKING, Literal

from drillbook.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["down", "unknown", "login", "full"]
Failure = dict[str, str]

LONGEST = 300
_WORTH_READING = 2048
_DOWN = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.ECONNABORTED: "connection aborted",
    errno.EPIPE: "connection closed while we asked",
    errno.ETIMEDOUT: "no answer to the connection",
}
_OURS = {
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "no route to the network",
    errno.EACCES: "this machine forbids the connection",
    errno.EPERM: "this machine forbids the connection",
    errno.EMFILE: "this process has too many open files",
    errno.ENFILE: "this machine has too many open files",
    errno.EADDRNOTAVAIL: "this machine has no local address or port left for the connection",
    errno.ENOENT: "there is no such socket",
}


class Unresolved(TimeoutError):
    """The deadline passed while a host's name was being looked up, which says nothing about the host."""


def failure(kind: Kind, reason: str) -> Failure:
    """A failure as readings carry it."""
    return {"kind": kind, "reason": said(reason)}


def classify(error: BaseException) -> Failure | None:
    """What `error` says, as far as it comes from names, sockets, TLS or a deadline; None where it does not.

    Of several attempts (a name with two addresses) one that reached the target's machine says most.
    """
    found = [one for one in map(_one, _chain(error)) if one]
    return next((one for one in found if one["kind"] == "down"), next(iter(found), None))


def crashed(error: BaseException) -> Failure:
    """The probe's own mistake, which says nothing about the target."""
    return failure("unknown", f"the probe crashed: {type(error).__name__}: {error}")


def said(text: object) -> str:
    """What somebody else said, fit to print: no secrets, one line, nothing invisible, at most 300 characters."""
    clean = "".join(map(_visible, " ".join(scrub(str(text)[:_WORTH_READING]).split())))
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


def _visible(character: str) -> str:
    if unicodedata.category(character)[0] == "C" or unicodedata.category(character) in ("Zl", "Zp"):
        return character.encode("unicode_escape").decode("ascii")
    return character


def _one(error: BaseException) -> Failure | None:
    if isinstance(error, Unresolved):
        return failure("unknown", f"{error}: check the name and this machine's DNS")
    if isinstance(error, socket.gaierror):
        return failure("unknown", f"the name does not resolve ({error.strerror}): check the address")
    if isinstance(error, ssl.SSLError):
        return failure("unknown", _of_tls(error))
    if isinstance(error, OSError) and error.errno in _DOWN:
        return failure("down", _DOWN[error.errno])
    if isinstance(error, OSError) and error.errno in _OURS:
        return failure("unknown", _OURS[error.errno])
    if isinstance(error, TimeoutError):
        return failure("down", str(error) or "no answer before the deadline")
    return None


def _of_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = getattr(error, "verify_message", error)
        return f"its certificate is not trusted here ({why}): set SSL_CERT_FILE to the right CA"
    why = getattr(error, "reason", None) or error
    if why in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        return "it does not speak TLS: does the address want http:// or redis:// instead?"
    return f"TLS failed: {why}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what caused it, and what those were made of; each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [near for near in (one.__cause__, one.__context__) if near]
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
