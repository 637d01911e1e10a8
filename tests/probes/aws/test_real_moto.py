"""An account at moto: alarms, tasks, databases and caches, each well, each not, and each not there."""

from __future__ import annotations

import re

import pytest

from drillbook.probes.aws import reading
from drillbook.probes.aws.noun import Aws
from drillbook.probes.measure import cost
from drillbook.probes.runner import run

REGION = "eu-central-1"
GIBIBYTE = 1 << 30
ALARMS = 'alarms = ["cpu", "disk", "nowhere"]'
TASKS = 'ecs = { cluster = "shop", services = ["web", "worker", "nowhere"] }'


def test_it_answers_and_says_who_we_are(cloud):
    noun = cloud.read()
    assert (noun.answers().value, noun.answers().by) == (True, "cloud account 123456789012")


def test_what_is_not_declared_is_said_to_be_so(cloud):
    noun = cloud.read()
    for ask in (noun.alarms, noun.tasks, noun.deployments, noun.databases, noun.storage, noun.caches, noun.evictions):
        (answer,) = ask()
        assert not answer.applies
        assert answer.reason.startswith("its table declares no ")
    assert noun.readings.asked == 1


def test_an_alarm_that_rings_says_since_when_and_why(account, cloud, said):
    account.alarm("cpu", "OK")
    account.alarm("disk", "ALARM", "Threshold Crossed: 95.0 was greater than 80.0")
    noun = cloud.read(ALARMS)
    found = {one.of: one for one in noun.alarms()}
    assert (found["cpu"].value, found["disk"].value, found["nowhere"].value) == (True, False, None)
    assert found["disk"].reason.startswith("ALARM since 20")
    assert found["disk"].reason.endswith("UTC: Threshold Crossed: 95.0 was greater than 80.0")
    assert found["nowhere"].reason == "there is no alarm of that name: check alarms, region and account"


def test_an_alarm_without_data_is_not_quiet(account, cloud, said):
    account.alarm("cpu", "INSUFFICIENT_DATA", "no datapoints were received")
    found = said(cloud.read('alarms = ["cpu"]').alarms())
    assert found["cpu"].startswith("INSUFFICIENT_DATA since 20")
    assert found["cpu"].endswith("no datapoints were received")


def test_all_alarms_that_begin_so_are_asked_for(account, cloud, said):
    for name, state in {"shop-cpu": "OK", "shop-disk": "ALARM", "other": "ALARM"}.items():
        account.alarm(name, state)
    found = said(cloud.read('alarms = ["other", "shop-cpu"]\nalarm_prefix = "shop-"').alarms())
    assert found == {"other": False, "shop-cpu": True, "shop-disk": False}


@pytest.mark.parametrize(("pages", "asked", "cut"), [(1, 1, False), (3, 3, False), (99, 10, True)])
def test_they_are_asked_for_page_by_page_until_there_are_too_many(some_readings, cloud, pages, asked, cut):
    seen = []

    class Pages:  # moto has one page alone
        async def ask(self, _action, **how):
            seen.append(how.get("NextToken"))
            alarm = {"AlarmName": f"shop-{len(seen)}", "StateValue": "OK", "ActionsEnabled": True}
            return {"MetricAlarms": [alarm], "NextToken": str(len(seen)) if len(seen) < pages else None}

    service = cloud.target('alarm_prefix = "shop-"').services["cloud"]
    found = run(reading._alarms(Pages(), service.declared), within=20)
    assert seen == [None, *map(str, range(1, asked))]
    answers = Aws(service, some_readings({"failed": None, "alarms": found})).alarms()
    assert [one.value for one in answers] == [True] * asked + [None] * cut
    assert not cut or "choose a longer alarm_prefix" in answers[-1].reason


def test_a_prefix_of_no_alarm_is_unknown(cloud, said):
    found = said(cloud.read('alarm_prefix = "shop-"').alarms())
    assert found == {"shop-*": "no alarm's name begins so: check alarm_prefix, region and account"}


def test_an_alarm_whose_actions_are_off_tells_nobody(account, cloud, said):
    account.alarm("cpu", "OK")
    account.alarm("disk", "OK", ActionsEnabled=False)
    found = said(cloud.read('alarms = ["cpu", "disk"]').alarm_actions())
    assert found == {"cpu": True, "disk": False}


def test_tasks_that_do_not_run_are_missed(account, cloud, said):
    account.tasks("web", wanted=4, running=4)
    account.tasks("worker", wanted=4, running=3)
    noun = cloud.read(TASKS)
    found = {one.of: one for one in noun.tasks()}
    assert (found["web"].value, found["worker"].value, found["worker"].unit) == (100.0, 75.0, "%")
    assert found["worker"].reason == "3 of 4 tasks run"
    assert found["nowhere"].reason.startswith("there is no such service in the cluster shop")


def test_a_service_that_nobody_wants_a_task_of_is_unknown(account, cloud, said):
    account.tasks("web", wanted=0, running=0)
    account.tasks("worker", wanted=1, running=0)
    found = said(cloud.read(TASKS).tasks())
    assert found["web"].startswith("no task of it is wanted")
    assert found["worker"] == 0.0
    account.client("ecs").delete_service(cluster="shop", service="worker", force=True)
    assert said(cloud.read(TASKS).tasks())["worker"].startswith("its status is INACTIVE")


@pytest.mark.parametrize(
    ("rollout", "failed", "value", "reason"),
    [
        ("COMPLETED", 0, True, ""),
        ("IN_PROGRESS", 0, False, "its last deployment is IN_PROGRESS: it IN_PROGRESS."),
        ("FAILED", 0, False, "its last deployment is FAILED: it FAILED."),
        ("COMPLETED", 2, False, "2 tasks of its last deployment failed: it COMPLETED."),
    ],
)
def test_a_deployment_is_through_or_it_is_not(account, cloud, rollout, failed, value, reason):
    account.tasks("web", wanted=1, running=1, rollout=rollout, failed=failed)
    (answer,) = cloud.read('ecs = { cluster = "shop", services = ["web"] }').deployments()
    assert (answer.value, answer.reason) == (value, reason)


def test_a_cluster_that_is_not_there_is_unknown(cloud, said):
    found = said(cloud.read(TASKS).tasks())
    assert "ClusterNotFoundException" in found["web"]
    assert cloud.read(TASKS).answers().value is True


def test_a_database_has_a_status_and_room(account, cloud, said):
    for name in ("db", "full", "silent"):
        account.database(name)
    account.put("AWS/RDS", "FreeStorageSpace", 5 * GIBIBYTE, DBInstanceIdentifier="db")
    account.put("AWS/RDS", "FreeStorageSpace", 0, DBInstanceIdentifier="full")
    account.client("rds").stop_db_instance(DBInstanceIdentifier="full")
    noun = cloud.read('rds = ["db", "full", "silent", "nowhere"]')
    assert said(noun.databases()) == {
        "db": True, "full": False, "silent": True,
        "nowhere": "there is no such database instance: check rds, region and account",
    }  # fmt: skip
    room = said(noun.storage())
    assert (room["db"], room["full"]) == (25.0, 0.0)
    assert room["silent"].startswith("CloudWatch has no datapoint of FreeStorageSpace")
    assert noun.databases()[1].reason == "its status is stopped"


def test_aurora_has_no_free_storage(account, cloud):
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.rds import rds_backends

    account.database("db")
    rds_backends[DEFAULT_ACCOUNT_ID][REGION].databases["db"].engine = "aurora-postgresql"  # moto wants a cluster first
    (answer,) = cloud.read('rds = ["db"]').storage()
    assert not answer.applies


def test_a_cache_that_evicts_says_how_much(account, cloud, said):
    account.cache("redis")
    account.put("AWS/ElastiCache", "Evictions", 600, CacheClusterId="redis")
    noun = cloud.read('elasticache = ["redis", "nowhere"]')
    assert said(noun.caches()) == {
        "redis": True,
        "nowhere": "there is no such cluster: check elasticache, region and account",
    }
    assert said(noun.evictions())["redis"] == 2.0
    assert noun.evictions()[0].unit == "keys/s"


def test_what_it_costs_is_what_is_said_to_be_asked(account, cloud):
    account.database("a")
    account.cache("a")
    account.tasks("web", wanted=1, running=1)
    account.alarm("cpu", "OK")
    noun = cloud.read(f'{ALARMS}\nalarm_prefix = "c"\n{TASKS}\nrds = ["a"]\nelasticache = ["a"]')
    assert noun.readings.asked == cost(noun.service) == 7


def test_an_old_datapoint_is_no_measurement(account, cloud, said):
    account.database("db")
    account.put("AWS/RDS", "FreeStorageSpace", GIBIBYTE, ago=2000, DBInstanceIdentifier="db")
    (reason,) = said(cloud.read('rds = ["db"]').storage()).values()
    assert re.fullmatch(
        r"its newest datapoint is (2[89]|3[0-4]) min old: does anybody still send FreeStorageSpace\?", reason
    )
