"""A whole run on an account: one verdict for each thing that its table names, and what rings decides the exit code."""

from __future__ import annotations

import pytest

TABLE = """
alarms = ["cpu", "disk", "gone"]
ecs = { cluster = "shop", services = ["web"] }
elasticache = ["redis"]
"""
SIGNAL = """
[signals."lambda.errors"]
read = { service = "cloud", namespace = "AWS/Lambda", metric = "Errors", statistic = "Sum" }
high = "> 3"
"""


@pytest.fixture
def shop(project, cloud, account):
    """A project whose system is nothing but the account."""
    for check in ("test_kinds.py", "test_signals.py"):
        project.write(f"checks/{check}", (project.checkout / "checks" / check).read_text())
    project.write("systems/shop/system.toml", cloud.system.replace("TABLE", TABLE) + SIGNAL)
    project.environ |= cloud.environ | {"AWS_EC2_METADATA_DISABLED": "true"}
    account.alarm("cpu", "OK")
    account.tasks("web", wanted=2, running=2)
    account.cache("redis")
    account.put("AWS/ElastiCache", "Evictions", 0, CacheClusterId="redis")
    account.put("AWS/Lambda", "Errors", 2)
    return project


def test_each_thing_is_judged_and_an_alarm_that_rings_breaches(shop, account):
    account.alarm("disk", "ALARM", "Threshold Crossed")
    ran = shop.pytest("checks", "--target", "shop@local", "--interval", "0.1")
    assert ran.code == 1, ran.said
    assert "HIGH aws.alarm(disk): no, ALARM since 20" in ran.said
    assert "there is no alarm of that name: check alarms, region and account" in ran.said
    found = shop.verdicts()
    assert (found.pop("aws.alarm(disk)"), found.pop("aws.alarm(gone)")) == ("BREACHED", "UNKNOWN")
    assert {*found.values()} == {"OK", "skipped", "UNKNOWN"}, ran.said
    assert {"aws.up", "aws.alarm(cpu)", "aws.tasks(web)", "aws.elasticache(redis)", "aws.evictions(redis)"} <= {*found}
    assert found["lambda.errors"] == "OK"
