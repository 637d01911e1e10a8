"""What an account says nothing about: wrong keys, too few rights, nobody there; and what is never asked of it."""

from __future__ import annotations

import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from drillbook.common.redact import scrub
from drillbook.probes.aws import clients
from drillbook.probes.aws.clients import ALLOWED, call, place_of
from drillbook.probes.aws.reading import Api, Lost
from drillbook.probes.runner import run

ALL = """
alarms = ["cpu"]
ecs = { cluster = "shop", services = ["web"] }
rds = ["db"]
elasticache = ["redis"]
"""
WITHOUT_LOGIN = re.compile(r"^login = .*\n", re.MULTILINE)


@pytest.mark.parametrize("action", ["ecs:UpdateService", "rds:StopDBInstance", "sts:GetSessionToken", "iam:ListUsers"])
def test_what_is_not_on_the_list_is_never_sent(account, cloud, action):
    place = place_of(cloud.target().services["cloud"])
    cluster = {"cluster": "shop", "service": "web", "desiredCount": 0} if action == "ecs:UpdateService" else {}
    named = {"DBInstanceIdentifier": "db"} if action == "rds:StopDBInstance" else {}
    with pytest.raises(PermissionError, match=f"{action} is not among the actions"):
        call(place, action, cluster | named)


def test_a_write_would_have_come_through_without_the_list(account, cloud, monkeypatch):
    account.tasks("web", wanted=4, running=4)
    monkeypatch.setattr(clients, "ALLOWED", {"ecs:UpdateService"})
    place = place_of(cloud.target().services["cloud"])
    call(place, "ecs:UpdateService", {"cluster": "shop", "service": "web", "desiredCount": 1})
    (found,) = account.client("ecs").describe_services(cluster="shop", services=["web"])["services"]
    assert found["desiredCount"] == 1


def test_what_is_on_the_list_only_looks():
    assert all(re.fullmatch(r"\w+:(Describe|Get)\w+", action) for action in ALLOWED)


def test_keys_that_aws_does_not_know_are_named(guarded, cloud):
    guarded("*")
    noun = cloud.read(ALL)
    answer = noun.answers()
    assert answer.value is None
    assert answer.reason == "AWS refuses the credentials of cloud (InvalidClientTokenId): check $SHOP_KEY, $SHOP_SECRET"
    assert [one.value for one in noun.alarms()] == [None]
    assert "aws.up is unknown" in noun.alarms()[0].reason


def test_what_we_may_not_ask_says_what_to_grant_and_the_rest_is_asked(account, guarded, cloud):
    account.alarm("cpu", "OK")
    cloud.environ["SHOP_KEY"], cloud.environ["SHOP_SECRET"] = guarded(
        "sts:*", "monitoring:DescribeAlarms"
    )  # as moto calls it
    noun = cloud.read(ALL)
    assert noun.answers().value is True
    assert [(one.value, one.reason) for one in noun.alarms()] == [(True, "")]
    for ask, action in ((noun.tasks, "ecs:DescribeServices"), (noun.databases, "rds:DescribeDBInstances")):
        (answer,) = ask()
        assert answer.value is None
        assert answer.reason.startswith(f"grant {action} to the credentials of cloud: ")
        assert "is not authorized to perform" in answer.reason
    assert noun.caches()[0].reason.startswith("grant elasticache:DescribeCacheClusters")


def test_without_keys_anywhere_it_says_where_they_may_be(cloud):
    cloud.system = WITHOUT_LOGIN.sub("", cloud.system)
    answer = cloud.read().answers()
    assert answer.value is None
    assert answer.reason.startswith("no credentials for cloud: Unable to locate credentials: export AWS_ACCESS_KEY_ID")


def test_a_profile_that_is_not_there_says_so(cloud, monkeypatch):
    cloud.system = WITHOUT_LOGIN.sub("", cloud.system)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    answer = cloud.read().answers()
    assert answer.value is None
    assert answer.reason.startswith("no credentials for cloud: The config profile (nobody) could not be found")


def test_keys_do_not_show_where_a_place_is_shown(cloud):
    shown = repr(place_of(cloud.target().services["cloud"]))
    assert cloud.environ["SHOP_SECRET"] not in shown
    assert "eu-central-1" in shown


def test_without_a_region_anywhere_it_says_where_it_may_be(cloud, monkeypatch):
    cloud.system = cloud.system.replace('region = "eu-central-1"\n', "")
    answer = cloud.read().answers()
    assert answer.value is None
    assert answer.reason.startswith('no region is said: write region = "eu-central-1" in services.cloud')
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert cloud.read().answers().value is True


def test_boto3_finds_its_keys_where_it_always_does_and_they_are_told_to_nobody(cloud, monkeypatch):
    cloud.system = WITHOUT_LOGIN.sub("", cloud.system)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFOUNDBYBOTO3ALONE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "quite/another+canary/of/40characterslong")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEAcanarytoken")
    noun = cloud.read(ALL)
    assert noun.answers().value is True
    for secret in (
        "AKIAFOUNDBYBOTO3ALONE",
        "quite/another+canary/of/40characterslong",
        "IQoJb3JpZ2luX2VjEAcanarytoken",
    ):
        assert secret not in str(noun.readings)
        assert secret[3:] not in scrub(f"it said {secret}")


def test_nobody_there_is_down(cloud, a_port):
    cloud.environ["SHOP_AWS"] = f"http://127.0.0.1:{a_port()}"
    answer = cloud.read(ALL).answers()
    assert (answer.value, answer.by) == (False, f"cloud {cloud.environ['SHOP_AWS'].removeprefix('http://')}")
    assert answer.reason == "connection refused (sts:GetCallerIdentity; $SHOP_AWS)"


def test_a_mute_endpoint_is_cut_off_at_the_deadline(cloud):
    cloud.system = cloud.system.replace("20s", "400ms")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        cloud.environ["SHOP_AWS"] = f"http://127.0.0.1:{mute.getsockname()[1]}"
        noun = cloud.read()
    assert noun.answers().value is not True
    assert "no answer within" in noun.answers().reason
    assert noun.readings.asked == 1


def test_a_name_that_is_not_found_in_time_says_nothing_about_aws(cloud, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(60) and [])
    cloud.system = cloud.system.replace("20s", "2s")
    cloud.environ["SHOP_AWS"] = "http://aws.invalid"
    answer = cloud.read().answers()
    over.set()
    assert answer.value is None
    assert answer.reason.startswith("the name aws.invalid did not resolve within 2 s")


def test_credentials_that_are_not_found_in_time_say_nothing_about_aws(cloud, monkeypatch, tmp_path):
    cloud.system = WITHOUT_LOGIN.sub("", cloud.system).replace("20s", "1s")
    (tmp_path / "config").write_text("[default]\ncredential_process = sleep 2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    answer = cloud.read().answers()
    assert answer.value is None
    assert answer.reason.startswith("boto3 finds no credentials: no answer within 1 s")


def test_the_environments_proxy_is_not_used(cloud, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert cloud.read().answers().value is True


def test_a_declared_proxy_is(cloud, a_port):
    cloud.environ["SHOP_PROXY"] = f"http://127.0.0.1:{a_port()}"
    answer = cloud.read('proxy = { env = "SHOP_PROXY" }').answers()
    assert answer.value is None
    assert answer.reason.startswith("the proxy, not AWS: connection refused")


@pytest.fixture
def says():
    """An endpoint that answers whatever it is asked so: its address, and what it was asked."""
    asked, wanted = [], {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # http.server calls it so
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(wanted["status"])
            self.end_headers()
            self.wfile.write(wanted["body"].encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def say(status, body):
            wanted.update(status=status, body=body)
            return f"http://127.0.0.1:{server.server_port}", asked

        yield say
        server.shutdown()
        thread.join()


def error(code):
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>so it is</Message></Error></ErrorResponse>"


@pytest.mark.parametrize(
    ("status", "body", "value", "reason"),
    [
        (
            400,
            error("Throttling"),
            None,
            "sts:GetCallerIdentity: AWS has us wait (Throttling): set services.cloud.budget",
        ),
        (503, error("ServiceUnavailable"), False, "sts:GetCallerIdentity answered 503 (ServiceUnavailable)"),
        (403, error("ExpiredToken"), None, "AWS refuses the credentials of cloud (ExpiredToken): check $SHOP_KEY"),
        (400, error("Odd"), None, "sts:GetCallerIdentity: Odd: so it is"),
        (
            200,
            "<html>welcome",
            None,
            "sts:GetCallerIdentity: what answers there does not answer as AWS does (ResponseParserError)",
        ),
        (
            200,
            "<a/>",
            None,
            "sts:GetCallerIdentity: what answers there does not answer as AWS does (KeyError): check $SHOP_AWS",
        ),
    ],
)
def test_what_aws_says_and_no_more_than_once(cloud, says, status, body, value, reason):
    cloud.environ["SHOP_AWS"], asked = says(status, body)
    answer = cloud.read().answers()
    assert (answer.value, len(asked)) == (value, 1)
    assert answer.reason.startswith(reason)


def test_once_aws_has_us_wait_nothing_more_is_asked_there_in_that_round(cloud, says):
    cloud.environ["SHOP_AWS"], asked = says(400, error("Throttling"))
    api = Api(cloud.target().services["cloud"])
    for _ in range(2):
        with pytest.raises(Lost, match="sts:GetCallerIdentity: AWS has us wait"):
            run(api.ask("sts:GetCallerIdentity"), within=30)
    assert (api.asked, len(asked)) == (1, 1)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ('region = "Frankfurt"', 'services.cloud.region: a region is written as "eu-central-1"'),
        ("alarms = []", "services.cloud.alarms"),
        ('ecs = { cluster = "shop" }', "services.cloud.ecs"),
        ('alarm = ["cpu"]', "services.cloud.alarm: unknown key: did you mean alarms"),
        ('proxy = "http://squid:3128"', "services.cloud.proxy"),
    ],
)
def test_a_mistake_in_the_table_is_told_before_anything_is_asked(cloud, keys, words):
    cloud.system = cloud.system.replace('region = "eu-central-1"\n', "") if keys.startswith("region") else cloud.system
    assert words in cloud.mistakes(keys)


def test_without_boto3_it_says_how_to_install_it(cloud, monkeypatch):
    monkeypatch.setattr("drillbook.system.kinds.find_spec", lambda _: None)
    assert "kind aws needs boto3, which is not installed: pip install 'drillbook[aws]'" in cloud.mistakes()
