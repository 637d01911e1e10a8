"""AWS as a service of its own: moto's server, and in front of it what no call to AWS could set, switched by a token.

What it says of an account is always the whole of a state, so that switching back restores everything.
"""

from __future__ import annotations

import hmac
import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from moto.cloudwatch import cloudwatch_backends
from moto.cloudwatch.models import MetricDatum
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ecs import ecs_backends
from moto.elasticache import elasticache_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.rds import rds_backends
from moto.secretsmanager import secretsmanager_backends
from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, NotFound, UnprocessableEntity
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from standin.admission import HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    Setting = Callable[[Mapping[str, float]], None]

MINUTE = 60
MINUTES = 20  # of figures: as far back as anybody asks
KEYS = {"aws_access_key_id": "standin", "aws_secret_access_key": "standin"}


class Account:
    """One account in one region: made through AWS's API, and beyond it through moto's own state."""

    def __init__(self, region: str, url: str) -> None:
        self.region = region
        self.url = url

    def client(self, api: str) -> Any:
        """Return boto3's client for one of the APIs; it asks this account and nothing else."""
        settings = Config(proxies={}, retries={"total_max_attempts": 1})
        return boto3.client(api, endpoint_url=self.url, region_name=self.region, config=settings, **KEYS)

    def alarm(self, name: str, state: str, *, actions: bool) -> None:
        """Have an alarm in a state, with its actions on or off."""
        how = {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60}
        how |= {"EvaluationPeriods": 1, "Threshold": 80, "ComparisonOperator": "GreaterThanThreshold"}
        self.client("cloudwatch").put_metric_alarm(AlarmName=name, ActionsEnabled=actions, **how)
        self.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="set by hand")

    def create_tasks(self, cluster: str, name: str, wanted: int) -> None:
        """Create an ECS service."""
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName=cluster)
        ecs.register_task_definition(family=name, containerDefinitions=[{"name": name, "image": name, "memory": 256}])
        ecs.create_service(cluster=cluster, serviceName=name, taskDefinition=name, desiredCount=wanted)

    def tasks(self, cluster: str, name: str, *, running: int, failed: int) -> None:
        """Have so many of its tasks run, and so many of its last deployment fail."""
        service = self._of(ecs_backends).services[f"{cluster}:{name}"]
        service.running_count, service.pending_count = running, service.desired_count - running
        service.deployments[0] |= {"rolloutState": "COMPLETED", "rolloutStateReason": "done.", "failedTasks": failed}

    def create_database(self, name: str, gigabytes: int) -> None:
        """Create an RDS instance."""
        login = {"MasterUsername": "owner", "MasterUserPassword": "owner-password"}
        what = {"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": gigabytes}
        self.client("rds").create_db_instance(DBInstanceIdentifier=name, **what, **login)

    def database(self, name: str, status: str) -> None:
        """Have an RDS instance in a status."""
        self._of(rds_backends).databases[name].status = status

    def create_cache(self, name: str) -> None:
        """Create an ElastiCache cluster of one node."""
        what = {"Engine": "redis", "NumCacheNodes": 1, "CacheNodeType": "cache.t3.micro"}
        self.client("elasticache").create_cache_cluster(CacheClusterId=name, **what)

    def cache(self, name: str, status: str) -> None:
        """Have an ElastiCache cluster in a status."""
        self._of(elasticache_backends).cache_clusters[name].cache_cluster_status = status

    def secrets(self, every: Mapping[str, str], version: str) -> None:
        """Have these secrets and no others, each in this one version."""
        self._of(secretsmanager_backends).reset()
        for name, text in every.items():
            self.client("secretsmanager").create_secret(Name=name, SecretString=text, ClientRequestToken=version)

    def figures(self, every: Iterable[tuple[str, str, dict[str, str], float]]) -> None:
        """Have these metrics, of a namespace, name, dimensions and value, and no others: as if always so."""
        now = datetime.now(UTC).replace(tzinfo=None)  # moto's own are so
        times = [now - timedelta(minutes=minute) for minute in range(MINUTES)]
        self._of(cloudwatch_backends).metric_data = [
            MetricDatum(space, name, value, [{"Name": key, "Value": of} for key, of in dimensions.items()], at)
            for space, name, dimensions, value in every
            for at in times
        ]

    def _of(self, backends: Any) -> Any:
        return backends[DEFAULT_ACCOUNT_ID][self.region]


class Switches:
    """The state that is set now, and `/trouble` by which it is changed: `POST /trouble/state?running=1`."""

    def __init__(self, state: Mapping[str, float], setting: Setting, token: str) -> None:
        self.well = dict(state)
        self.state = dict(state)
        self.setting = setting
        self.token = token
        self._alone = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request for the switches."""
        try:
            answer: Response | HTTPException = self.answer(Request(environ))
        except HTTPException as error:
            answer = error
        return answer(environ, start)

    def answer(self, request: Request) -> Response:
        """Set the state anew, restore it, or say what it is."""
        sent = request.headers.get(HEADER, "").encode()
        if not self.token:
            raise NotFound
        if not hmac.compare_digest(sent, self.token.encode()):
            raise Forbidden(f"{HEADER} is missing or wrong")
        wanted = {"GET": self.state, "DELETE": self.well}.get(request.method)
        if wanted is None and request.method != "POST":
            raise MethodNotAllowed
        self.set(wanted or {**self.state, **self._read(request.args)})
        return Response(repr(self.state), mimetype="text/plain")

    def set(self, state: Mapping[str, float]) -> None:
        """Have this state from now on."""
        with self._alone:
            self.state = dict(state)
            self.setting(self.state)

    def _read(self, query: Mapping[str, str]) -> dict[str, float]:
        try:
            read = {name: float(value) for name, value in query.items()}
        except ValueError:
            raise UnprocessableEntity("each is a number") from None
        if not read or not read.keys() <= self.well.keys():
            raise UnprocessableEntity(f"one of {', '.join(self.well)}")
        return read


def serve(switches: Switches, port: int = 8000) -> Iterator[None]:
    """Serve moto and the switches; yield when asked can be, then twice a minute, so that figures grow no older."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = DispatcherMiddleware(DomainDispatcherApplication(create_backend_app), {"/trouble": switches})
    server = make_server("0.0.0.0", port, app, threaded=True)  # noqa: S104 - its container's own network
    threading.Thread(target=server.serve_forever, daemon=True, name="aws").start()
    while True:
        yield
        time.sleep(MINUTE / 2)
