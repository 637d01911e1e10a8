"""Reads an account at AWS by a few actions that only look, all at the same time: who we are, and what is declared.

Each stands alone: what we may not ask for, or has no answer, leaves the others as they are.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.aws import datapoints
from drillbook.probes.aws.clients import call, log_in, place_of, warm
from drillbook.probes.aws.datapoints import metrics_of, point_of
from drillbook.probes.aws.failing import failed
from drillbook.probes.failure import crashed, failure
from drillbook.probes.runner import aside, hurried
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from drillbook.probes.aws.datapoints import Metric
    from drillbook.probes.aws.table import AwsService
    from drillbook.probes.failure import Failure
    from drillbook.system.target import Service

    Found = dict[str, Any]

_NO_CACHE = "CacheClusterNotFound"
METRICS = "cloudwatch:GetMetricData"
_ALARMS, _TASKS, _PAGES = 100, 10, 10  # alarms and services that go into one request, and pages that are turned


class Lost(Exception):
    """An action that was not answered; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure["reason"])
        self.failure = failure


class Api:
    """The account, asked one action at a time, each once and until the deadline; `asked` counts.

    Each of AWS's services has hosts of its own, and so a turn.
    """

    def __init__(self, service: Service) -> None:
        self._service, self._place = service, place_of(service)
        self._turn = turn_of(service)
        self.asked = 0

    async def ask(self, action: str, **parameters: Any) -> Found:
        """What an action answers; Lost where it does not."""
        whose = action.partition(":")[0]
        if told := self._turn.instead(whose):
            raise Lost(told["error"])
        host = await self._logged_in(action)
        self.asked += 1
        try:
            found = await hurried(self._call(action, parameters, host), self._service.declared.seconds)
        except Exception as error:
            lost = failed(error, self._service, action)
            self._turn.hear_of(whose, lost, asked=action)
            raise Lost(lost) from None
        self._turn.hear_of(whose, None, asked=action)
        return found

    async def _logged_in(self, action: str) -> str:
        """The host to ask; whatever keeps boto3 from its credentials says nothing about AWS."""
        try:
            return await hurried(aside(partial(log_in, self._place, action)), self._service.declared.seconds)
        except Exception as error:
            found = failed(error, self._service, action)
            ours = failure("unknown", f"boto3 finds no credentials: {found['reason']}: write login in its table")
            raise Lost(ours if found["kind"] == "down" else found) from None

    async def _call(self, action: str, parameters: Found, host: str) -> Found:
        if host:  # a name that is not found in time is no silence of AWS's
            await asyncio.get_running_loop().getaddrinfo(host, None)
        return await aside(partial(call, self._place, action, parameters))

    async def newest(self, metrics: Sequence[Metric]) -> list[Found]:
        """The newest datapoint of each metric, by one request for as many as CloudWatch takes."""
        found: list[Found] = []
        for part in _parts(metrics, datapoints.MOST):
            found += datapoints.points(await self.ask(METRICS, **datapoints.request(part)), part)
        return found


def prepare(service: Service) -> None:
    """Has boto3 load what it needs, before anything is timed; where it cannot, whoever asks will hear why."""
    with suppress(Exception):
        warm(place_of(service))


async def facts(service: Service) -> Found:
    """Of each thing that is asked what AWS says, or what `failed`; `failed` on top is that nobody knows us there."""
    turn, api, declared = turn_of(service), Api(service), cast("AwsService", service.declared)
    turn.speaks = "sts"
    turn.at_last()  # all are asked at the same time
    parts = {"identity": _identity(api), "alarms": _alarms(api, declared), "tasks": _tasks(api, declared)}
    parts |= {"rds": _databases(api, declared), "elasticache": _caches(api, declared), "points": _points(api, declared)}
    answers = await asyncio.gather(*map(_alone, parts.values()))
    found = dict(zip(parts, answers, strict=True))
    return found | {"failed": found["identity"].get("failed"), "asked": api.asked}


async def counters(service: Service, facts: Found) -> Found | None:
    """Nothing here counts."""


def cost(service: Service) -> int:
    """Every action: most of them once, but for lists that are longer than one request takes."""
    declared = cast("AwsService", service.declared)
    alarms = len(_parts(declared.alarms or [], _ALARMS)) + bool(declared.alarm_prefix)
    tasks = len(_parts(declared.ecs.services, _TASKS)) if declared.ecs else 0
    stored = bool(declared.rds) + len(declared.elasticache or [])
    return 1 + alarms + tasks + stored + len(_parts(metrics_of(declared), datapoints.MOST))


async def _alone(part: Awaitable[Found]) -> Found:
    try:
        return await part
    except Lost as lost:
        return {"failed": lost.failure}
    except Exception as error:
        return {"failed": crashed(error)}


async def _identity(api: Api) -> Found:
    return {"account": str((await api.ask("sts:GetCallerIdentity"))["Account"])}


async def _alarms(api: Api, declared: AwsService) -> Found:
    """Every alarm by name; `cut` says that there are more than we read of those that begin with the prefix."""
    every: list[Found] = []
    for names in _parts(declared.alarms or [], _ALARMS):
        every += _both(await api.ask(_DESCRIBE, AlarmNames=names, AlarmTypes=_TYPES, MaxRecords=_ALARMS))
    begun, cut = await _begun(api, declared.alarm_prefix) if declared.alarm_prefix else ([], False)
    return {"by_name": {one["AlarmName"]: _alarm(one) for one in [*every, *begun]}, "cut": cut}


_DESCRIBE, _TYPES = "cloudwatch:DescribeAlarms", ["MetricAlarm", "CompositeAlarm"]


async def _begun(api: Api, prefix: str) -> tuple[list[Found], bool]:
    every: list[Found] = []
    more: Found = {}
    for _ in range(_PAGES):
        page = await api.ask(_DESCRIBE, AlarmNamePrefix=prefix, AlarmTypes=_TYPES, MaxRecords=_ALARMS, **more)
        every += _both(page)
        if not (token := page.get("NextToken")):
            return every, False
        more = {"NextToken": token}
    return every, True


def _both(page: Found) -> Iterable[Found]:
    return [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]


def _alarm(one: Found) -> Found:
    since = one.get("StateTransitionedTimestamp") or one.get("StateUpdatedTimestamp")
    why = {"since": f"{since:%Y-%m-%d %H:%M} UTC" if since else "", "why": one.get("StateReason", "")}
    return {"state": one["StateValue"], "actions": one["ActionsEnabled"], **why}


async def _tasks(api: Api, declared: AwsService) -> Found:
    """Every service of the cluster by name."""
    found: Found = {}
    for names in _parts(declared.ecs.services if declared.ecs else [], _TASKS):
        assert declared.ecs is not None
        answer = await api.ask("ecs:DescribeServices", cluster=declared.ecs.cluster, services=names)
        found |= {one["serviceName"]: _service(one) for one in answer["services"]}
    return {"by_name": found}


def _service(one: Found) -> Found:
    plain = ("status", "runningCount", "desiredCount")
    rollout = ("status", "rolloutState", "rolloutStateReason", "failedTasks")
    deployments = [{key: each.get(key) for key in rollout} for each in one.get("deployments", [])]
    return {key: one.get(key) for key in plain} | {"deployments": deployments}


async def _databases(api: Api, declared: AwsService) -> Found:
    """Every database instance by name, asked for together."""
    if not declared.rds:
        return {"by_name": {}}
    wanted = [{"Name": "db-instance-id", "Values": declared.rds}]
    answer = await api.ask("rds:DescribeDBInstances", Filters=wanted)
    keys = ("DBInstanceStatus", "AllocatedStorage", "Engine")
    return {
        "by_name": {one["DBInstanceIdentifier"]: {key: one.get(key) for key in keys} for one in answer["DBInstances"]}
    }


async def _caches(api: Api, declared: AwsService) -> Found:
    """Every cluster of nodes by name; one can only be asked for by itself."""
    names = declared.elasticache or []
    found = zip(names, await asyncio.gather(*(_alone(_cache(api, name)) for name in names)), strict=True)
    return {"by_name": {name: one for name, one in found if one.get("failed", {}).get("code") != _NO_CACHE}}


async def _cache(api: Api, name: str) -> Found:
    found = (await api.ask("elasticache:DescribeCacheClusters", CacheClusterId=name))["CacheClusters"]
    return {"status": found[0].get("CacheClusterStatus")}


async def _points(api: Api, declared: AwsService) -> Found:
    """The newest datapoint of every database and every cache, by `point_of` it."""
    metrics = metrics_of(declared)
    found = await api.newest(metrics)
    return {"by_name": {point_of(metric): point for metric, point in zip(metrics, found, strict=True)}}


def _parts(every: Sequence[Any], most: int) -> list[Any]:
    return [every[at : at + most] for at in range(0, len(every), most)]
