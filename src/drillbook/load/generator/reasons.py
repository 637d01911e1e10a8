"""Why a request was not served, in a few words: from what Locust and its client raise."""

from __future__ import annotations

import socket
import ssl
import zlib
from http import HTTPStatus

from gevent import Timeout
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError
from locust.contrib.fasthttp import LocustBadStatusCode
from locust.exception import CatchResponseError, ResponseError

from drillbook.load.generator.client import SECONDS

NO_ANSWER = f"no answer within {SECONDS:g} s"
CUT_OFF = "no answer by the end of the run"


def reason_of(error: BaseException) -> str:
    """Why the request that ended with `error` was not served."""
    error = getattr(error, "original", None) or error  # what the client gave up for
    if isinstance(error, LocustBadStatusCode):
        return status(getattr(error, "code", 0))
    if isinstance(error, CatchResponseError | ResponseError):
        return str(error) or "the profile calls it a failure"
    if isinstance(error, Timeout | TimeoutError):
        return NO_ANSWER
    return _of_connection(error)


def status(code: int) -> str:
    """A status and its name: `500 Internal Server Error`."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def thrown(error: BaseException) -> str:
    """An exception of the profile's own, as Python names it."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _of_connection(error: BaseException) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    reset = (ConnectionResetError, BrokenPipeError)
    if isinstance(error, reset) or isinstance(error.__context__, reset):  # the client calls both of them closed
        return "connection reset"
    if isinstance(error, HTTPConnectionClosed):
        return "connection closed without an answer"
    if isinstance(error, HTTPParseError):
        return f"the answer broke off, or is no HTTP ({error})"
    return _of_place(error)


def _of_place(error: BaseException) -> str:
    if isinstance(error, zlib.error):
        return "the answer's compression is broken"
    if isinstance(error, socket.gaierror):
        return f"the name does not resolve ({error.strerror})"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted here ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return thrown(error)
