"""Signals from a Loki: each an instant query in LogQL; where no line was counted there is no series."""

from __future__ import annotations

from drillbook.probes.loki.answer import samples
from drillbook.probes.loki.reading import QUERY
from drillbook.probes.prometheus.queries import Queries

_LOGQL = Queries("logql", QUERY, samples)

bring, values, cost = _LOGQL.bring, _LOGQL.values, _LOGQL.cost
