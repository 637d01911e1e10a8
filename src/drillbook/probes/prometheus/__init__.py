"""A Prometheus server, or another that speaks its API: its targets, the alerts that fire, and what PromQL says."""

from __future__ import annotations

from drillbook.system.kinds import Kind, Part

KIND = Kind(
    __name__,
    noun="prometheus",
    about="Each Prometheus server.",
    table="PrometheusService",
    answers="Prometheus",
    up="prometheus.up",
    limits=("prometheus", "alerts"),
    parts=(Part("targets", ("prometheus.targets",)),),
    asks={
        "prometheus.up": "answers",
        "prometheus.targets": "targets_down",
        "alerts.critical": "critical_alerts",
        "alerts.high": "high_alerts",
        "alerts.medium": "medium_alerts",
        "alerts.low": "low_alerts",
    },
    reads="PromqlRead",
)
