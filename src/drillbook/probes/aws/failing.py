"""What it means that AWS, or boto3 before it, did not answer an action: in words with the next step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore import exceptions

from drillbook.probes.failure import Failure, classify, crashed, failure

if TYPE_CHECKING:
    from drillbook.system.target import Service

_NO_LOGIN = (
    exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.CredentialRetrievalError,
    exceptions.ProfileNotFound, exceptions.SSOError, exceptions.TokenRetrievalError, exceptions.ConfigParseError,
    exceptions.InvalidConfigError,
)  # fmt: skip
_LOGIN = re.compile(
    r"InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|ExpiredToken|AuthFailure|"
    r"IncompleteSignature|MissingAuthenticationToken|RequestExpired|InvalidAccessKeyId|NotAuthorizedException"
)
_DENIED = re.compile(r"AccessDenied|UnauthorizedOperation|AuthorizationError|OptInRequired")
_TOO_OFTEN = re.compile(r"Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded")


def failed(error: Exception, service: Service, action: str) -> Failure:
    """What to say of an action that was not answered."""
    if isinstance(error, exceptions.ClientError):
        return _answered(error, service, action)
    if isinstance(error, _NO_LOGIN):
        advice = "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or write login in its table"
        return failure("login", f"no credentials for {service.name}: {error}: {advice}")
    if isinstance(error, exceptions.NoRegionError):
        advice = f'write region = "eu-central-1" in services.{service.name}, or export AWS_DEFAULT_REGION'
        return failure("unknown", f"no region is said: {advice}")
    if isinstance(error, exceptions.ProxyConnectionError):
        found = classify(error) or crashed(error)
        return failure("unknown", f"the proxy, not AWS: {found['reason']}: check services.{service.name}.proxy")
    return _unheard(error, service, action)


def _unheard(error: Exception, service: Service, action: str) -> Failure:
    """What kept us from an answer; a name that nobody knows is a region's or an endpoint's."""
    if found := classify(error):
        return found | {"reason": f"{found['reason']} ({action}; {_where(service)})"}
    if isinstance(error, exceptions.ConnectionClosedError):
        return failure("down", f"it closed the connection without an answer ({action})")
    odd = f"{action}: what answers there does not answer as AWS does ({type(error).__name__})"
    return failure("unknown", f"{odd}: check {_where(service)}")


def _answered(error: exceptions.ClientError, service: Service, action: str) -> Failure:
    said, status = error.response.get("Error", {}), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code, message = str(said.get("Code", "?")), str(said.get("Message", ""))
    if _TOO_OFTEN.search(code) or status == 429:
        ask_less = f"set services.{service.name}.budget, or ask less"
        return failure("unknown", f"{action}: AWS has us wait ({code}): {ask_less}") | {"too_often": True}
    if _LOGIN.search(code):
        return failure("login", f"AWS refuses the credentials of {service.name} ({code}): {_keys(service)}")
    if _DENIED.search(code) or status == 403:
        return failure("login", f"grant {action} to the credentials of {service.name}: {code}: {message}")
    if status >= 500:
        return failure("down", f"{action} answered {status} ({code})")
    return failure("unknown", f"{action}: {code}: {message}") | {"code": code}


def _keys(service: Service) -> str:
    login = getattr(service.declared, "login", None)
    if not login:
        return "check AWS_ACCESS_KEY_ID or AWS_PROFILE, whether they have expired, and this machine's clock"
    return "check " + ", ".join(f"${one.env}" for one in login.fields.values())


def _where(service: Service) -> str:
    endpoint = getattr(service.declared, "endpoint", None)
    return f"${endpoint.env}" if endpoint else f"services.{service.name}.region"
