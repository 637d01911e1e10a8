"""Whose page it is, where web servers and proxies answer with one of their own: nothing of the service behind them."""

from __future__ import annotations

import re

_BEGINS = 16_384
_HEADLINE = re.compile(r"<(?:title|h1|center)[^>]*>\s*([^<]*)", re.IGNORECASE)
_THEIRS = {
    "nginx": r"Welcome to nginx!|nginx(/[\d.]+)?( \(\w+\))?|Test Page for the Nginx HTTP Server.*",
    "OpenResty": r"Welcome to OpenResty!|openresty(/[\d.]+)?",
    "Apache": r"It works!|Apache2 .*Default Page.*|(Apache HTTP Server )?Test Page.*|Test Page for the .*HTTP Server.*",
    "Tomcat": r"Apache Tomcat/[\d.]+",
    "Caddy": r"Caddy works!",
    "IIS": r"IIS( Windows( Server)?|\d*)",
    "lighttpd": r"Welcome page|lighttpd.*|Placeholder page",
}


def whose(body: str) -> str:
    """The web server whose own page `body` is; empty where it may be anybody's."""
    headlines = [" ".join(one.split()) for one in _HEADLINE.findall(body[:_BEGINS])]
    return next((name for name, own in _THEIRS.items() if any(re.fullmatch(own, one) for one in headlines)), "")
