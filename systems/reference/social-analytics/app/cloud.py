"""The account at AWS that social-analytics runs in, as its control plane has it: `python -m app.cloud`, port 8000."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import CREDENTIALS, PLATFORM_KEY, PLATFORMS
from standin.aws import Account, Switches, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Figure = tuple[str, str, dict[str, str], float]

SEEDED = Path("/tmp/seeded")  # noqa: S108 - in a container of its own
CLUSTER, SERVICE = "social-analytics-cluster", "backend-service"
DATABASE, CACHE, BALANCER = "social-analytics-db", "social-analytics-redis", "app/social-analytics/1"
ALARMS = ("production-alb-high-response-time", "production-ecs-high-cpu", "production-rds-high-cpu")
WELL = {  # what can be switched, and how it is where all is well
    "alarm": 0,
    "silenced": 0,
    "running": 2,
    "failed": 0,
    "database": 1,
    "cache": 1,
    "secret": 1,
    "free_gb": 60,
    "evictions": 0,
    "cpu": 22,
    "memory": 41,
    "unhealthy": 0,
    "seconds": 0.2,
}
WANTED, GIGABYTES = 2, 100


def seed(account: Account) -> None:
    """Create what the account has."""
    account.create_tasks(CLUSTER, SERVICE, WANTED)
    account.create_database(DATABASE, GIGABYTES)
    account.create_cache(CACHE)


class State:
    """Sets the whole account to a state."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.secret = 0.0

    def __call__(self, state: Mapping[str, float]) -> None:
        """Have the account be so from now on."""
        self.account.figures(figures(state))
        self.account.tasks(CLUSTER, SERVICE, running=int(state["running"]), failed=int(state["failed"]))
        self.account.database(DATABASE, ("storage-full", "available")[int(state["database"])])
        self.account.cache(CACHE, ("rebooting cluster nodes", "available")[int(state["cache"])])
        for name in ALARMS:
            self.account.alarm(name, "ALARM" if state["alarm"] else "OK", actions=not state["silenced"])
        self._secrets(state["secret"])

    def _secrets(self, version: float) -> None:
        """Have that version of the credentials, unless it is there."""
        if version == self.secret:
            return
        text = json.dumps({"client_id": "social", "client_secret": PLATFORM_KEY})
        names = [CREDENTIALS.format(platform) for platform in PLATFORMS]
        self.account.secrets(dict.fromkeys(names, text), version=f"version-{version:026.0f}")
        self.secret = version


def figures(state: Mapping[str, float]) -> Iterator[Figure]:
    """Return what CloudWatch is told each minute."""
    tasks, balancer = {"ClusterName": CLUSTER, "ServiceName": SERVICE}, {"LoadBalancer": BALANCER}
    yield "AWS/RDS", "FreeStorageSpace", {"DBInstanceIdentifier": DATABASE}, state["free_gb"] * (1 << 30)
    yield "AWS/ElastiCache", "Evictions", {"CacheClusterId": CACHE}, state["evictions"]
    yield "AWS/ECS", "CPUUtilization", tasks, state["cpu"]
    yield "AWS/ECS", "MemoryUtilization", tasks, state["memory"]
    yield "AWS/ApplicationELB", "UnHealthyHostCount", balancer, state["unhealthy"]
    yield "AWS/ApplicationELB", "TargetResponseTime", balancer, state["seconds"]


def main() -> None:
    """Serve for ever; of an account that was there before a restart nothing is left."""
    SEEDED.unlink(missing_ok=True)
    account = Account("eu-central-1", "http://127.0.0.1:8000")
    switches = Switches(WELL, State(account), os.environ.get("SOCIAL_ANALYTICS_TROUBLE", ""))
    for _ in serve(switches):
        if not SEEDED.exists():
            seed(account)
        switches.set(switches.state)
        SEEDED.touch()


if __name__ == "__main__":
    main()
