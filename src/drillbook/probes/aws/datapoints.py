"""The newest datapoint of each of several metrics in CloudWatch: all by one request, and none that is half or old."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drillbook.probes.aws.table import AwsService

MOST = 500  # metrics that CloudWatch takes in one request
_PERIODS, _AT_LEAST = 3, 600.0  # how old a datapoint may be: so many periods, or so many seconds
_LOOKED_BACK = 3  # times as far back as that is what we ask for, so that an old one has an age
_FIVE_MINUTES = 300


@dataclass(frozen=True)
class Metric:
    """One metric, as CloudWatch is asked for it; the period is in seconds."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    period: int

    @property
    def oldest(self) -> float:
        """How many seconds ago its newest datapoint may have ended."""
        return max(_PERIODS * self.period, _AT_LEAST)


def metrics_of(declared: AwsService) -> list[Metric]:
    """What CloudWatch is asked of databases and caches, in the order of the file."""
    free = partial(_five_minutes, "AWS/RDS", "FreeStorageSpace", "Average", "DBInstanceIdentifier")
    evicted = partial(_five_minutes, "AWS/ElastiCache", "Evictions", "Sum", "CacheClusterId")
    return [*map(free, declared.rds or []), *map(evicted, declared.elasticache or [])]


def _five_minutes(space: str, name: str, statistic: str, dimension: str, of: str) -> Metric:
    return Metric(space, name, ((dimension, of),), statistic, _FIVE_MINUTES)


def point_of(metric: Metric) -> str:
    """What the newest datapoint of a metric is called in the readings."""
    return f"{metric.name} of {metric.dimensions[0][1]}"


def request(metrics: Sequence[Metric]) -> dict[str, Any]:
    """What GetMetricData is asked: by the time that the longest period divides, so that all periods do."""
    now, longest = time.time(), max(metric.period for metric in metrics)
    back = _LOOKED_BACK * max(metric.oldest for metric in metrics)
    queries = [{"Id": f"m{at}", **_query(metric)} for at, metric in enumerate(metrics)]
    return {
        "MetricDataQueries": queries,
        "StartTime": (now - back) // longest * longest,
        "EndTime": now,
        "ScanBy": "TimestampDescending",
    }


def _query(metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    asked = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"MetricStat": {"Metric": asked, "Period": metric.period, "Stat": metric.statistic}, "ReturnData": True}


def points(answer: Mapping[str, Any], metrics: Sequence[Metric]) -> list[dict[str, Any]]:
    """Of each metric the `value` that is newest and whole, and for how long it has been so (`age`): plain JSON."""
    results = {one["Id"]: one for one in answer["MetricDataResults"]}
    return [_newest(results.get(f"m{at}", {}), metric) for at, metric in enumerate(metrics)]


def _newest(result: Mapping[str, Any], metric: Metric) -> dict[str, Any]:
    if (status := result.get("StatusCode", "Complete")) not in ("Complete", "PartialData"):
        return {"why": f"CloudWatch says {status} of it"}
    now = time.time()
    ends = [(one.timestamp() + metric.period, value) for one, value in zip(*_columns(result), strict=True)]
    whole = [(end, value) for end, value in ends if end <= now]
    end, value = max(whole, default=(now, None))
    return {"value": value, "age": now - end}


def _columns(result: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    return result.get("Timestamps", []), result.get("Values", [])


def value(point: Mapping[str, Any], metric: Metric) -> float | None:
    """The value, None where there is no datapoint; Unmeasured where it is too old, or CloudWatch has none for us."""
    if "why" in point:
        raise Unmeasured(point["why"])
    if point["age"] > metric.oldest:
        raise Unmeasured(
            f"its newest datapoint is {point['age'] / 60:.0f} min old: does anybody still send {metric.name}?"
        )
    return None if point["value"] is None else float(point["value"])
