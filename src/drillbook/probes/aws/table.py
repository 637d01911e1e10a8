"""The table of a service of kind `aws`: what of an account is asked, where, and with whose keys."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from drillbook.judging.limit import duration
from drillbook.system.reads import Read
from drillbook.system.services import Reference, Service
from drillbook.system.strict import Strict, form, read_by

MINUTE = 60
_REGION = 'a region is written as "eu-central-1"'
_PERIOD = 'a period is whole minutes: "1m", "5m", "1h"'
_STATISTIC = "a statistic is Average, Sum, Minimum, Maximum, SampleCount, or a percentile: p95"
_STATISTICS = r"Average|Sum|Minimum|Maximum|SampleCount|p(\d{1,2}(\.\d{1,2})?|100)"


def _is_a_period(text: str) -> None:
    seconds = duration(text)
    if seconds < MINUTE or seconds % MINUTE:
        raise ValueError(_PERIOD)


Region = Annotated[str, form(r"[a-z]{2,}(-[a-z]+)+-\d+", _REGION, "a region")]
Names = Annotated[list[str], Field(min_length=1)]
Period = Annotated[str, read_by(_is_a_period, "a period", _PERIOD)]
Statistic = Annotated[str, form(_STATISTICS, _STATISTIC, "a statistic")]


class Keys(Strict):
    """An access key, in place of what boto3 finds by itself."""

    headers: ClassVar[dict[str, Any]] = {}  # as everything that is asked with what a file refers to
    access_key: Reference
    """The access key's id."""
    secret_key: Reference
    """The secret that belongs to it."""
    session_token: Reference | None = None
    """The token of temporary keys."""

    @property
    def fields(self) -> dict[str, Reference]:
        """What one logs in with."""
        return {name: one for name in type(self).model_fields if (one := getattr(self, name))}


class Tasks(Strict):
    """The services of one ECS cluster that matter."""

    cluster: str
    """The name of the cluster."""
    services: Names
    """Those of its services that matter: of each, running tasks are held against those that are wanted, and its last
    deployment is judged."""


class AwsService(Service):
    """An account at AWS, in one region: what is named here is asked, and nothing else.

    It needs boto3: `pip install 'drillbook[aws]'`.
    """

    region: Region | None = None
    """The region; where it is left out, boto3 finds it where it always does."""
    endpoint: Reference | None = None
    """What is asked in place of AWS's own addresses."""
    login: Keys | None = None
    """The keys; where they are left out, boto3 finds them where it always does."""
    proxy: Reference | None = None
    """The HTTP proxy through which AWS is asked; without it none is, whatever the environment says."""
    alarms: Names | None = None
    """The names of CloudWatch alarms that must be quiet, and tell somebody."""
    alarm_prefix: Annotated[str, Field(min_length=1)] | None = None
    """What the names of all alarms that matter begin with."""
    ecs: Tasks | None = None
    """The services of an ECS cluster that matter."""
    rds: Names | None = None
    """The RDS database instances that matter."""
    elasticache: Names | None = None
    """The ElastiCache clusters that matter."""

    def asked(self) -> dict[str, Keys]:
        """What has references of its own."""
        return {"login": self.login} if self.login else {}


class CloudWatchRead(Read):
    """The newest datapoint of one metric in CloudWatch that is complete: `statistic` over a `period`."""

    namespace: str
    """The metric's namespace."""
    metric: str
    """The metric's name."""
    dimensions: dict[str, str] = {}
    """The dimensions of the one series that is meant."""
    statistic: Statistic
    """What is made of a period."""
    period: Period = "5m"
    """How long a datapoint covers."""

    def refused(self, how: str) -> str:
        """That a datapoint is of a period already, and says no time."""
        return "" if how in ("value", "ratio") else "CloudWatch says it by statistic and period: leave out as"

    @property
    def seconds(self) -> int:
        """The period in seconds."""
        return int(duration(self.period))
