"""A service that speaks HTTP: its pages, what it says of itself, and what its own metrics say of its traffic."""

from __future__ import annotations

from drillbook.system.kinds import Kind, Part

KIND = Kind(
    __name__,
    noun="api",
    about="Each service that speaks HTTP, but for somebody else's (role `upstream`).",
    table="HttpService",
    answers="Http",
    up="api.up",
    limits=("api", "health", "pool"),
    parts=(
        Part("ready", ("api.ready",)),
        Part("health", ("api.up", "api.healthy", "health.latency")),
        Part("health.up", ("api.healthy",)),
        Part("metrics.requests", ("api.errors", "api.traffic")),
        Part("metrics.errors", ("api.errors",)),
        Part("metrics.rate", ("api.traffic",)),
        Part("metrics.latency", ("api.p95",)),
        Part("metrics.p95", ("api.p95",)),
        Part("metrics.pool", ("pool.used",)),
        Part("health.parts", ("health.*",), each="part"),
        Part("endpoints", ("*.ok", "*.latency"), each="endpoint"),
    ),
    warm=("answers", "ready", "p95"),
    ours=("api.errors", "api.p95"),
    checked={
        "api.up": "answers",
        "api.ready": "ready",
        "api.healthy": "healthy",
        "health.*": "part",
        "health.latency": "health_latency",
        "*.ok": "serves",
        "*.latency": "latency",
        "api.errors": "error_ratio",
        "api.p95": "p95",
        "api.traffic": "traffic",
        "pool.used": "pool_used",
    },
    reads="PageRead",
)
