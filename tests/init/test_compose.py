"""What a compose file has of a system becomes tables, and a stack that a copy can be planned from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.stack.plan import make_plan, unknown_services
from drillbook.stack.recipe import configuration
from drillbook.system.file import read_system

FILES = Path(__file__).parent / "compose"
KINDS = {
    "fastapi": {"backend": "http", "cache": "redis", "db": "postgres"},
    "django": {
        "django": "http",
        "celeryworker": "celery",
        "mailpit": "smtp",
        "postgres": "postgres",
        "redis-cache": "redis",
        "redis-jobs": "redis",
    },
    "rails": {"web": "http", "db": "postgres", "redis": "redis"},
    "go": {"api": "http", "pg-main": "postgres", "prometheus": "prometheus"},
    "wordpress": {"wordpress": "http"},
}
PORTS = {"fastapi": 8017, "django": 8018, "rails": 3019, "go": 80, "wordpress": 8020}
ADDRESSES = {
    "fastapi": {
        "SHOP_URL": "http://{backend:8000}",
        "SHOP_REDIS_URL": "redis://{cache:6379}/0",
        "SHOP_DATABASE_URL": "postgresql://{POSTGRES_USER}:{POSTGRES_PASSWORD}@{db:5432}/{POSTGRES_DB}",
    },
    "django": {
        "SHOP_URL": "http://{django:8000}",
        "SHOP_SMTP_URL": "smtp://{mailpit:1025}",
        "SHOP_DATABASE_URL": "postgresql://{POSTGRES_USER}:{POSTGRES_PASSWORD}@{postgres:5432}/{POSTGRES_DB}",
        "SHOP_REDIS_CACHE_URL": "redis://{redis-cache:6379}/1",
        "SHOP_REDIS_JOBS_URL": "redis://:{JOBS_PASSWORD}@{redis-jobs:6379}/2",
    },
    "rails": {
        "SHOP_URL": "http://{web:3000}",
        "SHOP_DATABASE_URL": "postgresql://postgres@{db:5432}/postgres",
        "SHOP_REDIS_URL": "redis://{redis:6379}/0",
    },
    "go": {
        "SHOP_URL": "http://{api:8080}",
        "SHOP_DATABASE_URL": (
            "postgresql://{POSTGRESQL_USERNAME}:{POSTGRESQL_PASSWORD}@{pg.main:5432}/{POSTGRESQL_DATABASE}"
        ),
        "SHOP_PROMETHEUS_URL": "http://{prometheus:9090}",
    },
    "wordpress": {"SHOP_URL": "http://{wordpress:80}"},
}
SECRETS = {"fastapi": ["POSTGRES_PASSWORD", "SECRET_KEY"], "django": ["JOBS_PASSWORD"]}
LEFT_OUT = {"fastapi": ["proxy"], "go": ["node_exporter"]}


@pytest.fixture
def written(started):
    """The system file that comes of one of the compose files, where nobody answers; and its text."""
    folder = started.project.root / "theirs"
    shutil.copytree(FILES, folder)

    def write(name, **more):
        text = started.init(f"http://127.0.0.1:{PORTS[name]}", compose=folder / f"{name}.yaml", **more)
        return read_system(started.project.root / "systems" / "shop" / "system.toml"), text

    return write


@pytest.fixture(autouse=True)
def _nobody_answers(monkeypatch):
    """Whatever else runs on this machine at those ports is not asked."""
    monkeypatch.setattr("drillbook.init.looking.page.address", lambda _, path: f"http://127.0.0.1:1{path}")


@pytest.mark.parametrize("name", KINDS)
def test_what_drillbook_knows_gets_a_table_and_a_place_in_the_copy(name, written):
    system, text = written(name)
    assert {called: one.kind for called, one in system.services.items()} == KINDS[name]
    assert system.stack.addresses == ADDRESSES[name]
    assert system.stack.secrets == SECRETS.get(name, [])
    assert system.stack.leave_out == LEFT_OUT.get(name, [])
    assert "canary" not in text


@pytest.mark.parametrize("name", KINDS)
def test_a_copy_can_be_planned_from_what_is_written(name, written, started, document):
    stack = written(name)[0].stack
    plan = make_plan(stack)
    file = started.project.root / "systems" / "shop" / stack.compose
    config = configuration(file, plan.values)
    assert unknown_services(stack, config) == []
    given = dict.fromkeys(plan.wanted, "given")
    assert started.target(**plan.with_given(given).addresses).services.keys() == KINDS[name].keys()
    plain = {one: {**its, "build": None, "volumes": []} for one, its in config["services"].items()}
    made = document({**config, "services": plain}, leave_out=stack.leave_out, ports=plan.ports)
    published = {one for one, its in made.content["services"].items() if its.get("ports")}
    assert published == {service for service, _ in plan.ports}


def test_roles_come_of_names_and_of_who_is_given_the_address(written):
    services = written("django")[0].services
    assert (services["redis-cache"].roles, services["redis-jobs"].roles) == (["cache"], ["broker"])
    assert (services["celeryworker"].broker, services["celeryworker"].queues) == ("redis-jobs", ["celery", "emails"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fastapi", "# prestart: has no port: nothing can be asked there"),
        ("fastapi", "# adminer: adminer: a proxy or a tool; declare it as http if users need it"),
        ("fastapi", "a copy starts without: SMTP_HOST."),
        (
            "fastapi",
            "# No copy can have proxy, so nothing is declared of it: /var/run/docker.sock is the engine itself.",
        ),
        ("fastapi", 'path = "/api/v1/utils/health-check/"\n# The compose file\'s own check asks it.'),
        ("rails", 'path = "/health"\n# The compose file\'s own check asks it.'),
        ("rails", '# sidekiq: sidekiq does jobs: a signal can judge how many wait, command = "LLEN queue:default"'),
        ("rails", "# es: elasticsearch: there is no kind of service for it"),
        ("django", "# celerybeat: Celery's beat: what it sends is seen in the queues"),
        ("go", "# rabbit: rabbitmq: there is no kind of service for it"),
        ("go", 'services.node_exporter.pid: "host" is shared with what is not the copy\'s.'),
        (
            "go",
            "# Services of profiles were not looked at, and no copy has them: COMPOSE_PROFILES=once,tools adds them",
        ),
        ("wordpress", "# db: mysql: there is no kind of service for it"),
    ],
)
def test_what_has_no_table_is_said(name, words, written):
    assert words in written(name)[1].replace("\n# is not", " is not")


def test_the_variables_that_are_given_are_those_of_the_services(written):
    system, _ = written("fastapi", database="PROD_PG", redis="PROD_CACHE")
    assert (system.services["db"].dsn.env, system.services["cache"].url.env) == ("PROD_PG", "PROD_CACHE")
    assert {"PROD_PG", "PROD_CACHE"} < {*system.stack.addresses}


def test_a_redis_is_what_the_variables_of_its_users_are_called_for(started, tmp_path):
    urls = "{QUEUE_URL: 'redis://store:6379/1', PAGE_CACHE: 'redis://store/0', SESSIONS: 'redis://other:6379'}"
    services = (
        f"web: {{image: x, ports: ['8000'], environment: {urls}}}, store: {{image: redis}}, other: {{image: redis}}"
    )
    (tmp_path / "c.yaml").write_text(f"services: {{{services}}}")
    text = started.init("http://127.0.0.1:1", compose=tmp_path / "c.yaml")
    assert '[services.store]\nkind = "redis"\nroles = ["cache", "broker"]' in text
    assert '[services.other]\nkind = "redis"\nroles = ["cache"]' in text


def test_of_several_ports_the_one_that_the_address_names_is_taken(started, tmp_path):
    (tmp_path / "c.yaml").write_text("services: {web: {image: x, ports: ['9001:9000', '8021:8000']}}")
    text = started.init("http://127.0.0.1:8021", compose=tmp_path / "c.yaml")
    assert 'SHOP_URL = "http://{web:8000}"' in text


@pytest.mark.parametrize(
    ("service", "words"),
    [
        (
            "{image: x, privileged: true, ports: ['8000']}",
            "# There is no [stack], for no copy can have web: services.web",
        ),
        ("{image: x}", "# There is no [stack], for no service of the compose file listens at a port."),
    ],
)
def test_where_no_copy_can_be_started_it_is_said_why(started, tmp_path, service, words):
    (tmp_path / "c.yaml").write_text(f"services: {{web: {service}}}")
    text = started.init("http://127.0.0.1:1", compose=tmp_path / "c.yaml")
    assert words in text
    assert "\n[stack" not in text


def test_a_worker_on_another_broker_than_redis_has_no_table(started, tmp_path):
    (tmp_path / "c.yaml").write_text(
        "services:\n"
        "  web: {image: x, ports: ['8000']}\n"
        "  cache: {image: redis}\n"
        "  worker: {image: x, command: celery -A x worker, environment: {CELERY_BROKER_URL: amqp://rabbit}}\n"
    )
    text = started.init("http://127.0.0.1:1", compose=tmp_path / "c.yaml")
    assert "# worker: a Celery worker whose broker is no Redis of this file" in text
    assert 'kind = "celery"' not in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file or directory: give the compose file that starts the system"),
        ("services: [", "cannot be used: docker compose says:"),
        ("services: {web: {image: x, env_file: [gone.env]}}", "cannot be used: docker compose says:"),
    ],
)
def test_a_file_that_is_no_compose_file_is_a_mistake(text, words, started, tmp_path):
    if text:
        (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(Mistakes) as caught:
        started.init("http://127.0.0.1:1", compose=tmp_path / "c.yaml")
    assert words in caught.value.lines[0]
    assert not (started.project.root / "systems" / "shop").exists()
