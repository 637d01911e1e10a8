"""What a proxy between us and a service says of itself, and what is to be said where one would be needed.

A proxy that does not answer, or does not let us through, is ours: that says nothing about the service. One that says
that nobody is behind it is a measurement.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed leaves it out

from drillbook.probes.failure import Failure, failure

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOBODY = ("502", "503", "504")
_OF_PROXIES = ("proxy-agent", "x-squid-error", "proxy-authenticate")
_SERVERS = re.compile(r"squid|tinyproxy|privoxy|proxy\.py|mitmproxy|zscaler|bluecoat|forcepoint", re.IGNORECASE)
_KEY = "services.NAME.proxy"


def unused(failed: Failure, url: str, heard: bytearray) -> Failure:
    """What is said of a service that we did not reach, with the proxy that the environment names and we do not use."""
    variable = "" if heard else _variable(url)
    if not variable:
        return failed
    use = f'${variable} is not used unless the file says proxy = {{ env = "{variable.upper()}" }} for this service'
    return {**failed, "reason": f"{failed['reason']}: {use}"}


def failed(failed: Failure, error: Exception, heard: bytearray) -> Failure:
    """What is said where asking through a proxy failed."""
    answered = re.match(r"(\d{3})\b", str(error)) if type(error).__name__ == "ProxyError" else None
    if answered:
        return _refused(answered[1])
    if failed.get("silent") and not heard:
        words = f"through the proxy: {failed['reason']}: it hangs, or the service behind it: check {_KEY}"
        return failure("unknown", words) | {"silent": True}
    if not heard:
        return failure("unknown", f"the proxy, not the service: {failed['reason']}: check {_KEY}")
    return failed


def spoke_itself(status: int, headers: Mapping[str, str]) -> Failure | None:
    """What a proxy's own answer says, in place of the service's; None where the service spoke, so far as is known."""
    its_own = any(name in headers for name in _OF_PROXIES) or _SERVERS.search(headers.get("server", ""))
    return _refused(str(status)) if status == 407 or (its_own and status >= 400) else None


def _refused(status: str) -> Failure:
    if status in _NOBODY:
        return failure("down", f"the proxy says that it reaches nobody there ({status})")
    if status == "407":
        return failure("login", f"the proxy refuses our login (407): check {_KEY}")
    return failure("unknown", f"the proxy lets us not through ({status}): check {_KEY}")


def _variable(url: str) -> str:
    """The variable that names a proxy for `url`; empty where there is none, or the address needs none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_near(host) or proxy_bypass_environment(host):
        return ""
    wanted = (f"{parts.scheme}_proxy", "all_proxy")
    return next((name for one in wanted for name in (one.upper(), one) if os.environ.get(name)), "")


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
