"""Signals from a Prometheus server: each an instant query in PromQL."""

from __future__ import annotations

from drillbook.probes.prometheus.answer import QUERY, samples
from drillbook.probes.prometheus.queries import Queries

_PROMQL = Queries("promql", QUERY, samples)

bring, values, cost = _PROMQL.bring, _PROMQL.values, _PROMQL.cost
