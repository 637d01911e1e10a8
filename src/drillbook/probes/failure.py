"""What an exception says about a target, decided in one place.

`down`: it was asked and did not serve. `unknown`: our own side failed, or something else answered; that says
nothing about the target. `login`: it spoke and would not let us in. `full`: it spoke and had no room. `busy`: we
were so late ourselves that its silence says nothing. `silent` is one that hangs: it may still be at our request; of
one that is `untrusted` it is the certificate that we did not like.
"""

from __future__ import annotations

import errno
import socket
import ssl
import unicodedata
from typing import TYPE_CHECKING, Any, Literal

from drillbook.common.redact import scrub
from drillbook.judging.observation import TOO_BUSY

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["down", "unknown", "login", "full", "busy"]
Failure = dict[str, Any]

LONGEST = 300
_WORTH_READING = 2048
_WORTH_SCRUBBING = 16_384
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


class TooBusy(TimeoutError):
    """The deadline passed, and for `late` seconds of the time we did not get to listen."""

    def __init__(self, words: str, late: float) -> None:
        super().__init__(words)
        self.late = late


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
    """What somebody else said, fit to print: no secrets, one line, nothing invisible, at most 300 characters.

    Secrets are masked before anything is cut: half a secret would no longer be known as one. What stands so far behind
    that nobody is shown it is not even looked at.
    """
    clean = "".join(map(_visible, " ".join(scrub(str(text)[:_WORTH_SCRUBBING]).split())[:_WORTH_READING]))
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


def _visible(character: str) -> str:
    if unicodedata.category(character)[0] == "C" or unicodedata.category(character) in ("Zl", "Zp"):
        return character.encode("unicode_escape").decode("ascii")
    return character


def _one(error: BaseException) -> Failure | None:
    if isinstance(error, Unresolved):
        return failure("unknown", f"{error}: check the name and this machine's DNS")
    if isinstance(error, TooBusy):
        return failure("busy", f"{TOO_BUSY}: {error}") | {"late": error.late}
    if isinstance(error, socket.gaierror):
        return failure("unknown", f"the name does not resolve ({error.strerror}): check the address")
    if isinstance(error, ssl.SSLError):
        return failure("unknown", _of_tls(error)) | ({"untrusted": True} if _is_untrusted(error) else {})
    if isinstance(error, OSError) and error.errno in _DOWN:
        return failure("down", _DOWN[error.errno]) | ({"silent": True} if isinstance(error, TimeoutError) else {})
    if isinstance(error, OSError) and error.errno in _OURS:
        return failure("unknown", _OURS[error.errno])
    if isinstance(error, TimeoutError):
        return failure("down", str(error) or "no answer before the deadline") | {"silent": True}
    return None


def _is_untrusted(error: ssl.SSLError) -> bool:
    return isinstance(error, ssl.SSLCertVerificationError)


# By OpenSSL's numbers: it is not valid yet, it has expired, it is for other names, for other addresses.
_NEXT = {9: "is this machine's clock right?", 10: "renew it"}
_NEXT |= dict.fromkeys((62, 64), "ask it by a name that it is for, or have it made out for this one too")
NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")  # what OpenSSL calls an answer that is none of TLS
# By a part of OpenSSL's reason.
_STEPS = {
    "PROTOCOL": "it speaks no TLS that is safe: have it speak 1.2 or 1.3",
    "UNRECOGNIZED_NAME": "it serves nobody of that name: ask it by the name that it is for",
    "HANDSHAKE_FAILURE": "it shares no cipher with us, or wants a certificate of ours",
}
_NO_CA = "set SSL_CERT_FILE to the right CA"


def _of_tls(error: ssl.SSLError) -> str:
    if _is_untrusted(error):
        why, code = getattr(error, "verify_message", error), getattr(error, "verify_code", 0)
        return f"its certificate is not trusted here ({why}): {_NEXT.get(code, _NO_CA)}"
    why = getattr(error, "reason", None) or error
    if why in NO_TLS:
        return "it does not speak TLS: does the address want http:// or redis:// instead?"
    step = next((step for word, step in _STEPS.items() if word in str(why)), "")
    return f"TLS failed: {why}{step and ': '}{step}"


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
