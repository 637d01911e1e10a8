"""An AWS of our own: moto's server, whose state is what the tests say through boto3."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.probes.aws.noun import Aws
from drillbook.probes.measure import Readings, measure
from drillbook.probes.signal import Asked
from drillbook.system.library import Library
from drillbook.system.target import Target, load_target

if TYPE_CHECKING:
    from pathlib import Path

REGION = "eu-central-1"
KEY, SECRET = "AKIADRILLBOOKTESTS07", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"
SYSTEM = """
[system]
name = "shop"
[services.cloud]
kind = "aws"
region = "eu-central-1"
endpoint = { env = "SHOP_AWS" }
login = { access_key = { env = "SHOP_KEY" }, secret_key = { env = "SHOP_SECRET" } }
deadline = "20s"
TABLE
[environments.local]
kind = "local"
"""


@pytest.fixture(scope="session")
def moto():
    """The address of moto's server, which is imported where it runs: to collect these tests would take seconds."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@dataclass
class Account:
    """The account, empty at first; clients of it are made with boto3 as anybody would."""

    url: str

    def client(self, api: str, key: str = KEY, secret: str = SECRET) -> Any:
        """A client that may do everything."""
        import boto3
        from botocore.config import Config

        keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}
        return boto3.client(api, endpoint_url=self.url, region_name=REGION, config=Config(proxies={}), **keys)

    def alarm(self, name: str, state: str, why: str = "because", **more: Any) -> None:
        """An alarm in a state."""
        cloudwatch = self.client("cloudwatch")
        how = {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60}
        how |= {"EvaluationPeriods": 1, "Threshold": 80, "ComparisonOperator": "GreaterThanThreshold"}
        cloudwatch.put_metric_alarm(AlarmName=name, **how, **more)
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=why)

    def put(self, namespace: str, metric: str, value: float, *, ago: float = 400, **dimensions: str) -> None:
        """A value of a metric, so many seconds ago."""
        named = [{"Name": name, "Value": one} for name, one in dimensions.items()]
        at = datetime.now(UTC) - timedelta(seconds=ago)
        data = {"MetricName": metric, "Dimensions": named, "Timestamp": at, "Value": value}
        self.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[data])

    def tasks(self, name: str, *, wanted: int, running: int, rollout: str = "COMPLETED", failed: int = 0) -> None:
        """An ECS service; what moto does not emulate of it is set in moto's own state."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.ecs import ecs_backends

        ecs = self.client("ecs")
        ecs.create_cluster(clusterName="shop")
        ecs.register_task_definition(family=name, containerDefinitions=[{"name": "a", "image": "b", "memory": 10}])
        ecs.create_service(cluster="shop", serviceName=name, taskDefinition=name, desiredCount=wanted)
        service = ecs_backends[DEFAULT_ACCOUNT_ID][REGION].services[f"shop:{name}"]
        service.running_count, last = running, service.deployments[0]
        last["rolloutState"], last["rolloutStateReason"], last["failedTasks"] = rollout, f"it {rollout}.", failed

    def database(self, name: str) -> None:
        """An RDS instance of 20 GiB."""
        login = {"MasterUsername": "owner", "MasterUserPassword": "owner-password"}
        self.client("rds").create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20, **login
        )

    def cache(self, name: str) -> None:
        """An ElastiCache cluster of one node."""
        self.client("elasticache").create_cache_cluster(
            CacheClusterId=name, Engine="redis", NumCacheNodes=1, CacheNodeType="cache.t3.micro"
        )


@pytest.fixture
def account(moto, monkeypatch):
    """An empty account, and no keys but those of the file."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    httpx.post(f"{moto}/moto-api/reset", trust_env=False).raise_for_status()
    return Account(moto)


@pytest.fixture
def guarded(account):
    """An account that asks for keys from now on: those of a user that may do what a policy says."""

    def guard(*actions: str) -> tuple[str, str]:
        iam = account.client("iam")
        iam.create_user(UserName="drillbook")
        statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
        policy = httpx.Response(200, json={"Version": "2012-10-17", "Statement": [statement]}).text
        iam.put_user_policy(UserName="drillbook", PolicyName="looks", PolicyDocument=policy)
        key = iam.create_access_key(UserName="drillbook")["AccessKey"]
        httpx.post(f"{account.url}/moto-api/reset-auth", content="0", trust_env=False).raise_for_status()
        return key["AccessKeyId"], key["SecretAccessKey"]

    yield guard
    httpx.post(f"{account.url}/moto-api/reset-auth", content="inf", trust_env=False).raise_for_status()


@dataclass
class Cloud:
    """Reads the account as the system file says."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    system: str = SYSTEM

    def target(self, table: str = "", signals: str = "") -> Target:
        """The system with these keys in the account's table, and these signals."""
        folder = self.root / "systems" / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "system.toml").write_text(self.system.replace("TABLE", table) + signals)
        (folder.parent / "house.toml").write_text("[limits]\n")
        return load_target("shop@local", Library(self.root, self.environ))

    def read(self, table: str = "", signals: str = "") -> Aws:
        """What is found of what these keys declare."""
        service = self.target(table, signals).services["cloud"]
        return Aws(service, measure([service], 0.0)["cloud"])

    def mistakes(self, table: str = "", signals: str = "") -> str:
        """What is wrong with these keys."""
        with pytest.raises(Mistakes) as raised:
            self.target(table, signals)
        return str(raised.value)

    def signals(self, text: str) -> tuple[dict[str, Any], Readings]:
        """What each signal says, or why it says nothing; and what was read."""
        target = self.target(signals=text)
        service = target.services["cloud"]
        noun = Aws(service, measure([service], 0.0)["cloud"])
        found = {
            name: one.reason if one.value is None else one.value
            for name, signal in target.limits.signals.by_name.items()
            for one in Asked(noun, signal)
        }
        return found, noun.readings


@pytest.fixture
def cloud(account, tmp_path):
    """The account, read with keys that may do everything."""
    return Cloud(tmp_path, {"SHOP_AWS": account.url, "SHOP_KEY": KEY, "SHOP_SECRET": SECRET})


@pytest.fixture(scope="session")
def said():
    """The answers of a question by what they are of: a value, or the reason why there is none."""

    def say(answers: list[Any]) -> dict[str, Any]:
        return {one.of: one.reason if one.value is None else one.value for one in answers}

    return say
