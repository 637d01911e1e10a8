"""A port that speaks TLS: whose certificate is there, who vouches for it, and for how long?"""

from __future__ import annotations

from drillbook.system.kinds import Kind

KIND = Kind(
    __name__,
    noun="tls",
    about="Each port that speaks TLS.",
    table="TlsService",
    answers="Tls",
    up="tls.up",
    limits=("tls",),
    spelt=True,
    asks={"tls.up": "answers", "tls.days_left": "days_left", "tls.chain": "trusted", "tls.name": "named"},
)
