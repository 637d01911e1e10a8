"""An account at AWS: do alarms ring, do all tasks run, are databases and caches there, and is there room in them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from drillbook.judging.observation import Observation, not_applicable
from drillbook.probes.aws import datapoints
from drillbook.probes.aws.datapoints import metrics_of, point_of
from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured, needs, no, number, percent, question, question_of, untold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drillbook.probes.aws.table import AwsService
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service

_GIBIBYTE = 1 << 30
_COMPLETE = "COMPLETED"
_SERVES = ("available", "backing-up", "modifying", "storage-optimization", "storage-config-upgrade")
_CHANGES = "configuring-"  # what AWS calls small changes, while which a database serves
_NODES_SERVE = ("available", "modifying", "snapshotting")


@dataclass
class Aws:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`.

    What is asked of several things is answered with one observation for each.
    """

    service: Service
    readings: Readings
    up: str = "aws.up"

    @property
    def by(self) -> str:
        """Who answered: the service's name and the account, or what was asked where nobody did."""
        account = self.readings.first.get("identity", {}).get("account")
        return f"{self.service.name} {f'account {account}' if account else self.service.where}".rstrip()

    @question
    def answers(self) -> Observation:
        """Whether AWS answers, and takes our credentials: yes or no."""
        failed = self.readings.first.get("error") or self.readings.first["failed"]
        if failed and failed["kind"] != "down":
            raise untold(failed)
        return no(failed["reason"]) if failed else Observation(True)

    def alarms(self) -> list[Observation]:
        """Of each alarm whether it is quiet: yes or no, and since when and why it rings."""
        return self._each(self._names_of_alarms(), self._is_quiet, "alarms and no alarm_prefix")

    def alarm_actions(self) -> list[Observation]:
        """Of each alarm whether its actions are on, so that it tells anybody: yes or no."""
        return self._each(self._names_of_alarms(), self._acts, "alarms and no alarm_prefix")

    def tasks(self) -> list[Observation]:
        """Of each ECS service its running tasks, in % of those that are wanted."""
        return self._each(self._names_of_tasks(), self._running, "ecs")

    def deployments(self) -> list[Observation]:
        """Of each ECS service whether its last deployment is through, without a failed task: yes or no."""
        return self._each(self._names_of_tasks(), self._is_deployed, "ecs")

    def databases(self) -> list[Observation]:
        """Of each RDS instance whether it serves, by the status that AWS gives it: yes or no."""
        return self._each(self._declared.rds, self._database_serves, "rds")

    def storage(self) -> list[Observation]:
        """Of each RDS instance its free storage, in % of what is allocated."""
        return self._each(self._declared.rds, self._free, "rds")

    def caches(self) -> list[Observation]:
        """Of each ElastiCache cluster whether it serves, by the status that AWS gives it: yes or no."""
        return self._each(self._declared.elasticache, self._cache_serves, "elasticache")

    def evictions(self) -> list[Observation]:
        """Of each ElastiCache cluster the keys thrown out for want of memory in the last five minutes, in keys/s."""
        return self._each(self._declared.elasticache, self._evicted, "elasticache")

    def _each(self, names: Iterable[str] | None, ask: Callable[[str], Observation], keys: str) -> list[Observation]:
        return [ask(name) for name in names or ()] or [self._none(keys)]

    @question
    def _none(self, keys: str) -> Observation:
        return not_applicable(f"its table declares no {keys}")

    @question_of
    def _is_quiet(self, name: str) -> Observation:
        alarm = self._alarm(name)
        words = f"{alarm['state']} since {alarm['since']}: {said(alarm['why'])}"
        if alarm["state"] == "ALARM":
            return no(words)
        if alarm["state"] != "OK":
            raise Unmeasured(words)
        return Observation(True)

    @question_of
    def _acts(self, name: str) -> Observation:
        return Observation(True) if self._alarm(name)["actions"] else no("its actions are off: it tells nobody")

    @question_of
    def _running(self, name: str) -> Observation:
        found = self._task(name)
        wanted = number(found["desiredCount"], "its desired count")
        running = number(found["runningCount"], "its running count")
        if wanted == 0:
            raise Unmeasured("no task of it is wanted (desired count 0): scale it up, or take it out of ecs.services")
        share = percent(running, wanted, "its desired count")
        return Observation(share.value, share.unit, reason=f"{running:.0f} of {wanted:.0f} tasks run")

    @question_of
    def _is_deployed(self, name: str) -> Observation:
        every = self._task(name)["deployments"]
        last = next((one for one in every if one["status"] == "PRIMARY"), None)
        if last is None:
            raise Unmeasured("AWS names no deployment of it: is it deployed by something else than ECS?")
        if last["failedTasks"]:
            return no(f"{last['failedTasks']} tasks of its last deployment failed: {said(last['rolloutStateReason'])}")
        if last["rolloutState"] not in (None, _COMPLETE):
            return no(f"its last deployment is {last['rolloutState']}: {said(last['rolloutStateReason'])}")
        return no(f"{len(every)} deployments of it are under way") if len(every) > 1 else Observation(True)

    @question_of
    def _database_serves(self, name: str) -> Observation:
        status = said(self._database(name)["DBInstanceStatus"])
        return Observation(True) if status in _SERVES or status.startswith(_CHANGES) else no(f"its status is {status}")

    @question_of
    def _free(self, name: str) -> Observation:
        found = self._database(name)
        if str(found["Engine"]).startswith("aurora"):
            raise Unmeasured("Aurora's storage grows by itself: it has no FreeStorageSpace", applies=False)
        size = number(found["AllocatedStorage"], "its allocated storage") * _GIBIBYTE
        free, _ = self._point(name, "FreeStorageSpace")
        return percent(free, size, "its allocated storage")

    @question_of
    def _cache_serves(self, name: str) -> Observation:
        status = said(self._cache(name)["status"])
        return Observation(True) if status in _NODES_SERVE else no(f"its status is {status}")

    @question_of
    def _evicted(self, name: str) -> Observation:
        self._cache(name)
        evicted, seconds = self._point(name, "Evictions")
        return Observation(evicted / seconds, "keys/s")

    @property
    def _declared(self) -> AwsService:
        return cast("AwsService", self.service.declared)

    def _names_of_tasks(self) -> list[str]:
        return self._declared.ecs.services if self._declared.ecs else []

    def _names_of_alarms(self) -> list[str]:
        """Those of the file, then those that begin as it says; what it says itself where none does, or nobody knows."""
        names, prefix = self._declared.alarms or [], self._declared.alarm_prefix
        if not prefix:
            return names
        found = self.readings.first.get("alarms", {})
        begun = sorted(name for name in found.get("by_name", {}) if name.startswith(prefix))
        return [*dict.fromkeys([*names, *begun]), *([f"{prefix}*"] if found.get("cut") or not begun else [])]

    def _alarm(self, name: str) -> dict[str, Any]:
        if name == f"{self._declared.alarm_prefix}*":
            there = self._of("alarms")
            raise Unmeasured(
                f"there are more than {len(there)} alarms: choose a longer alarm_prefix"
                if self.readings.first["alarms"]["cut"]
                else "no alarm's name begins so: check alarm_prefix, region and account"
            )
        return self._one("alarms", name, "alarm of that name: check alarms")

    def _task(self, name: str) -> dict[str, Any]:
        cluster = self._declared.ecs.cluster if self._declared.ecs else ""
        found = self._one("tasks", name, f"such service in the cluster {cluster}: check ecs.services")
        if found["status"] != "ACTIVE":
            raise Unmeasured(f"its status is {said(found['status'])}: create it anew, or take it out of ecs.services")
        return found

    def _database(self, name: str) -> dict[str, Any]:
        return self._one("rds", name, "such database instance: check rds")

    def _cache(self, name: str) -> dict[str, Any]:
        return self._one("elasticache", name, "such cluster: check elasticache")

    def _one(self, part: str, name: str, nothing: str) -> dict[str, Any]:
        every = self._of(part)
        if name not in every:
            raise Unmeasured(f"there is no {nothing}, region and account")
        found: dict[str, Any] = every[name]
        if lost := found.get("failed"):
            raise Unmeasured(lost["reason"])
        return found

    def _of(self, part: str) -> dict[str, Any]:
        needs(self.answers(), self.up)
        found = self.readings.first[part]
        if lost := found.get("failed"):
            raise untold(lost)
        every: dict[str, Any] = found["by_name"]
        return every

    def _point(self, name: str, of: str) -> tuple[float, int]:
        """The newest value of a metric, and the period it is of, in seconds."""
        metric = next(one for one in metrics_of(self._declared) if point_of(one) == f"{of} of {name}")
        found = datapoints.value(self._one("points", point_of(metric), "datapoint of it"), metric)
        if found is None:
            raise Unmeasured(f"CloudWatch has no datapoint of {of}: is the name right, and does it run?")
        return number(found, of), metric.period
