"""Reads a certificate: by one handshake that trusts nothing blindly, and by four more where that one fails.

OpenSSL ends a handshake at the first thing that it does not like. What the others would have been is asked of it one
by one, with the certificate itself for an authority where not its authority is in question.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drillbook.probes.failure import Failure, classify, crashed, failure
from drillbook.probes.runner import hurried

if TYPE_CHECKING:
    from drillbook.system.target import Service

_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which Python has no name for
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE")
_DAY = 86400.0


async def facts(service: Service) -> dict[str, Any]:
    """`failed`, or `by`, `days` that are left, and what OpenSSL says against `chain` and `name`: `code` and `why`."""
    asked: list[str] = []
    try:
        found = await hurried(_looked_at(service.address, asked), service.declared.seconds)
    except Exception as error:
        failed = _failure(error)
        return {"failed": failed, "asked": len(asked), "mute": failed.get("silent", False)}
    return {"failed": None, **found, "asked": len(asked)}


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing here counts."""


def cost(_service: Service) -> int:
    """One handshake."""
    return 1


async def _looked_at(address: str, asked: list[str]) -> dict[str, Any]:
    store = os.environ.get("SSL_CERT_FILE", "")
    try:
        seen = await _shaken(address, _trusting(store, names=True), asked)
    except ssl.SSLCertVerificationError:
        return await _looked_at_closely(address, store, asked)
    return _certificate(seen) | {"chain": None, "name": None}


async def _looked_at_closely(address: str, store: str, asked: list[str]) -> dict[str, Any]:
    there = await _shaken(address, _unasking(), asked)
    pem = ssl.DER_cert_to_PEM_cert(there["der"])
    found = there | {"chain": await _against(address, _trusting(store, names=False), asked)}
    found["name"] = await _against(address, _pinned(pem, names=True), asked)
    found["without_a_store"] = _without_a_store(store)
    try:
        return found | _certificate(await _shaken(address, _pinned(pem, names=False), asked))
    except ssl.SSLCertVerificationError as error:
        return _plain(found) | {"days": None, "odd": _objection(error)["why"]}


async def _against(address: str, context: ssl.SSLContext, asked: list[str]) -> dict[str, Any] | None:
    """What OpenSSL has against the certificate, in this context."""
    try:
        await _shaken(address, context, asked)
    except ssl.SSLCertVerificationError as error:
        return _objection(error)
    return None


def _objection(error: ssl.SSLCertVerificationError) -> dict[str, Any]:
    return {"code": error.verify_code, "why": error.verify_message}


async def _shaken(address: str, context: ssl.SSLContext, asked: list[str]) -> dict[str, Any]:
    place = urlsplit(address)
    asked.append(address)
    _, writer = await asyncio.open_connection(place.hostname, place.port, ssl=context)
    try:
        layer, peer = writer.get_extra_info("ssl_object"), writer.get_extra_info("peername")
        host = f"[{peer[0]}]" if ":" in peer[0] else peer[0]
        return {"der": layer.getpeercert(True), "said": layer.getpeercert(), "by": f"{host}:{peer[1]}"}
    finally:
        writer.transport.abort()  # a goodbye would wait for theirs


def _certificate(seen: dict[str, Any]) -> dict[str, Any]:
    left = ssl.cert_time_to_seconds(seen["said"]["notAfter"]) - time.time()
    return _plain(seen) | {"days": left / _DAY}


def _plain(seen: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in seen.items() if key not in ("der", "said")}


@cache
def _trusting(store: str, *, names: bool) -> ssl.SSLContext:  # noqa: ARG001  # what it is kept by
    """The machine's own trust store, or the one that SSL_CERT_FILE names: kept, for it takes long to read."""
    return _named(ssl.create_default_context(), names=names)


def _pinned(pem: str, *, names: bool) -> ssl.SSLContext:
    """Trusts this certificate, whenever it is valid."""
    context = _named(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), names=names)
    context.load_verify_locations(cadata=pem)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
    return context


def _unasking() -> ssl.SSLContext:
    context = _named(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), names=False)
    context.verify_mode = ssl.CERT_NONE
    return context


def _named(context: ssl.SSLContext, *, names: bool) -> ssl.SSLContext:
    context.check_hostname = names
    context.hostname_checks_common_name = False  # browsers and Go do not look there
    return context


def _without_a_store(store: str) -> str:
    """Why this machine trusts nobody; empty where it has a trust store."""
    if store and not Path(store).is_file():
        return "SSL_CERT_FILE names no file"
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        return ""
    return "this machine has no trust store: install ca-certificates, or set SSL_CERT_FILE"


def _failure(error: Exception) -> Failure:
    if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
        return failure("unknown", "it does not speak TLS from the first byte: does the address name another port?")
    if found := classify(error):
        return found
    if isinstance(error, ConnectionError):
        return failure("down", "it closed the connection during the handshake")
    return crashed(error)
