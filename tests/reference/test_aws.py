"""AWS as a service: what the real boto3 is answered there, switched and switched back, by nobody without the token."""

import json

import pytest

pytestmark = pytest.mark.proof

TOKEN = {"X-Trouble-Token": "token"}
ASKED = """
import json, sys
from app.cloud import *
account = Account("eu-central-1", "http://127.0.0.1:8000")
aws = account.client
service = aws("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
alarms = aws("cloudwatch").describe_alarms()["MetricAlarms"]
print(json.dumps({
    "running": service["runningCount"],
    "failed": service["deployments"][0]["failedTasks"],
    "alarm": sorted({one["StateValue"] for one in alarms}),
    "silenced": not alarms[0]["ActionsEnabled"],
    "database": aws("rds").describe_db_instances()["DBInstances"][0]["DBInstanceStatus"],
    "cache": aws("elasticache").describe_cache_clusters()["CacheClusters"][0]["CacheClusterStatus"],
    "secret": aws("secretsmanager").get_secret_value(SecretId=CREDENTIALS.format("twitch"))["VersionId"][-1],
}))
"""
WELL = {
    "running": 2,
    "failed": 0,
    "alarm": ["OK"],
    "silenced": False,
    "database": "available",
    "cache": "available",
    "secret": "1",
}
SWITCHED = {
    "running=1": 1,
    "failed=3": 3,
    "alarm=1": ["ALARM"],
    "silenced=1": True,
    "database=0": "storage-full",
    "cache=0": "rebooting cluster nodes",
    "secret=2": "2",
}
FIGURE = """
import json, sys
from datetime import UTC, datetime, timedelta
from app.cloud import *
now = datetime.now(UTC)
asked = {"Namespace": "AWS/RDS", "MetricName": "FreeStorageSpace", "Statistics": ["Average"], "Period": 300}
asked |= {"Dimensions": [{"Name": "DBInstanceIdentifier", "Value": DATABASE}]}
asked |= {"StartTime": now - timedelta(minutes=15), "EndTime": now}
found = Account("eu-central-1", "http://127.0.0.1:8000").client("cloudwatch").get_metric_statistics(**asked)
print(json.dumps(sorted({point["Average"] / 2**30 for point in found["Datapoints"]})))
"""


@pytest.fixture(scope="module")
def cloud(start_alone, engine_command, within):
    """One that a drill started with a token; it has all that it has."""
    alone = start_alone("social-analytics", "app.cloud", page="/moto-api/", SOCIAL_ANALYTICS_TROUBLE="token")
    within(60, lambda: engine_command("exec", alone.container, "sh", "-c", "ls /tmp/seeded || true"))
    return alone


@pytest.fixture
def says(cloud, engine_command):
    """Return what a script in its container prints; it is well again afterwards."""
    yield lambda script: json.loads(engine_command("exec", cloud.container, "python", "-c", script))
    assert cloud.ask("DELETE", "/trouble", **TOKEN)["status"] == 200


def test_all_is_well_at_first(says):
    assert says(ASKED) == WELL
    assert says(FIGURE) == [60]


@pytest.mark.parametrize(("switch", "value"), SWITCHED.items(), ids=SWITCHED)
def test_a_switch_changes_one_thing_and_is_switched_back(cloud, says, switch, value):
    assert cloud.ask("POST", f"/trouble/state?{switch}", **TOKEN)["status"] == 200
    assert says(ASKED) == WELL | {switch.partition("=")[0]: value}
    cloud.ask("DELETE", "/trouble", **TOKEN)
    assert says(ASKED) == WELL


def test_figures_are_as_if_they_had_always_been_so(cloud, says):
    cloud.ask("POST", "/trouble/state?free_gb=3", **TOKEN)
    assert says(FIGURE) == [3]


@pytest.mark.parametrize("query", ["", "runing=1", "running=many"])
def test_what_makes_no_sense_is_refused(cloud, says, query):
    assert cloud.ask("POST", f"/trouble/state?{query}", **TOKEN)["status"] == 422
    assert says(ASKED) == WELL


def test_nobody_switches_it_without_the_token(cloud, says):
    assert cloud.ask("POST", "/trouble/state?running=1")["status"] == 403
    assert cloud.ask("POST", "/trouble/state?running=1", **{"X-Trouble-Token": "another"})["status"] == 403
    assert says(ASKED) == WELL
