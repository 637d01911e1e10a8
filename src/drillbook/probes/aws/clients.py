"""boto3's clients for one account: they only read, try once, and use no proxy that the file does not name.

Whatever is no action of ALLOWED is refused before it is sent, whoever asks for it.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from boto3.session import Session
from botocore import xform_name
from botocore.config import Config
from botocore.session import Session as Core

from drillbook.common.redact import keep_secret
from drillbook.probes.runner import LONGER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.system.target import Service

ALLOWED = {
    "sts:GetCallerIdentity", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "ecs:DescribeServices",
    "rds:DescribeDBInstances", "elasticache:DescribeCacheClusters",
}  # fmt: skip
# How boto3 logs in where it finds a role, the token of a Kubernetes pod, or a single sign-on.
LOGGING_IN = {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sso:GetRoleCredentials", "sso-oidc:CreateToken"}


@dataclass(frozen=True)
class Place:
    """What clients depend on; `environ` is what boto3 finds in the environment by itself."""

    region: str | None
    endpoint: str
    seconds: float
    store: str
    proxy: str = field(repr=False)
    login: tuple[tuple[str, str], ...] = field(repr=False)
    environ: tuple[tuple[str, str], ...] = field(repr=False)


def place_of(service: Service) -> Place:
    """What the clients of a service depend on."""
    found = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))
    region = getattr(service.declared, "region", None)
    login, store = tuple(service.login.items()), os.environ.get("SSL_CERT_FILE", "")
    return Place(region, service.address, service.declared.seconds, store, service.proxy, login, found)


def warm(place: Place) -> None:
    """Loads what boto3 knows of the actions that are ALLOWED, so that no deadline holds that; asks nobody."""
    loader = _session(place)._session.get_component("data_loader")
    for name in ("endpoints", "partitions", "sdk-default-configuration"):
        loader.load_data(name)
    for api in {action.partition(":")[0] for action in ALLOWED}:
        for part in ("service-2", "endpoint-rule-set-1"):
            loader.load_service_model(api, part)


def log_in(place: Place, action: str) -> str:
    """Finds the credentials, which are secrets from then on; gives the host that is to be asked, but for a proxy."""
    with _lock(place):  # a session makes one client after the other
        client = _client(place, action)
    if credentials := _session(place).get_credentials():
        _keep(credentials.get_frozen_credentials())
    return "" if place.proxy else urlsplit(client.meta.endpoint_url).hostname or ""


def call(place: Place, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What one action answers. The library's exception where it does not."""
    answer: dict[str, Any] = getattr(_client(place, action), xform_name(action.partition(":")[2]))(**parameters)
    return answer


@lru_cache(maxsize=8)
def _lock(_place: Place) -> threading.Lock:
    return threading.Lock()


@lru_cache(maxsize=8)
def _session(place: Place) -> Session:
    core, login = Core(), dict(place.login)
    core.set_default_client_config(_config(place))  # also of those with which boto3 logs in
    core.get_component("event_emitter").register_first("before-call", _only_reads)
    return Session(
        login.get("access_key"),
        login.get("secret_key"),
        login.get("session_token"),
        place.region,
        botocore_session=core,
    )


@lru_cache(maxsize=40)
def _client(place: Place, action: str) -> Any:
    api = action.partition(":")[0]
    verify = place.store or None  # None: what boto3 finds by itself
    return _session(place).client(api, endpoint_url=place.endpoint or None, verify=verify)


def _config(place: Place) -> Config:
    late = LONGER * place.seconds + 1  # whoever asks keeps the deadline; this ends the thread that was left behind
    return Config(
        connect_timeout=late,
        read_timeout=late,
        retries={"total_max_attempts": 1, "mode": "standard"},
        proxies=dict.fromkeys(("http", "https"), place.proxy) if place.proxy else {},
        ignore_configured_endpoint_urls=True,
        user_agent_extra="drillbook",
    )


def _only_reads(model: Any, **_event: Any) -> None:
    action = f"{model.service_model.service_name}:{model.name}"
    if action not in ALLOWED | LOGGING_IN:
        raise PermissionError(f"{action} is not among the actions that a probe may ask for")


def _keep(credentials: Any) -> None:
    for secret in (credentials.access_key, credentials.secret_key, credentials.token):
        keep_secret(secret or "")
