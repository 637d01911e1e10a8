"""A real PgBouncer: a pooler that is full is no server that is up, nobody behind it is down, and room is room."""

from __future__ import annotations

import io
import tarfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from drillbook.doctor import apt, build, engine, images, inputs
from drillbook.probes.measure import measure
from drillbook.probes.postgres.noun import Postgres

ROLES = """
CREATE ROLE app LOGIN PASSWORD 'app-password'; CREATE ROLE watcher LOGIN PASSWORD 'watcher-password';
GRANT pg_monitor TO watcher; CREATE TABLE deals (id int); GRANT INSERT ON deals TO app
"""
USERS = '"app" "app-password"\n"watcher" "watcher-password"\n"boss" "boss-password"\n'
SETTINGS = """
[databases]
deals = host={host} port={port}
session = host={host} port={port} dbname=deals pool_mode=session
missing = host={host} port={port}
gone = host={host} port=1
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listens}
unix_socket_dir =
auth_type = plain
auth_file = /pgbouncer/users
admin_users = boss
pool_mode = transaction
max_client_conn = 6
default_pool_size = 2
query_wait_timeout = 1
server_login_retry = 1
server_connect_timeout = 1
"""


@pytest.fixture(scope="module")
def server(start_postgres):
    """A PostgreSQL: its container and `HOST:PORT`."""
    return start_postgres(ROLES)


@pytest.fixture(scope="module")
def image():
    """The tag of an image with PgBouncer, built once a machine as stand-ins are."""
    client, folder = engine.connect(), Path(__file__).parent
    tag = inputs.standin_tag("pgbouncer", folder)
    if not images.on(client)(tag):
        arguments = {"BASE": images.environment()["DRILLBOOK_IMAGE_POSTGRES"], **apt.proxies()}
        build.build(client, folder / "pgbouncer", tag=tag, arguments=arguments)
    client.close()
    return tag


@pytest.fixture(scope="module")
def pooler(start_container, server, image, a_port, until):
    """A PgBouncer before that server; gives its `HOST:PORT`."""
    host, port = server[1].split(":")
    listens = a_port()
    files = {"pgbouncer.ini": SETTINGS.format(host=host, port=port, listens=listens), "users": USERS}
    command = ("sh", "-c", "until test -f ready; do sleep 0.05; done; exec /usr/sbin/pgbouncer pgbouncer.ini")
    container, _ = start_container(image, *command, network_mode="host")
    container.put_archive("/pgbouncer", archive({**files, "ready": ""}))
    address = f"127.0.0.1:{listens}"

    def is_ready():
        try:
            return bool(psycopg.connect(f"postgresql://app:app-password@{address}/deals").close() or True)
        except psycopg.OperationalError:
            return False

    until(is_ready)
    return address


def archive(files):
    """The files as a tar archive."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, text in files.items():
            one = tarfile.TarInfo(name)
            one.size, one.mode = len(text), 0o644
            tar.addfile(one, io.BytesIO(text.encode()))
    return data.getvalue()


@pytest.fixture
def dsn(pooler):
    """An address through the pooler."""
    return lambda role="app", database="deals", password="": (
        f"postgresql://{role}:{password or role + '-password'}@{pooler}/{database}"
    )


@pytest.fixture
def ask(a_service, dsn):
    """The noun, freshly read."""

    def read(database="deals", *, monitor="", deadline="8s", **other):
        address = dsn(database=database, **other)
        service = a_service("postgres", address, name="postgres", monitor=monitor, deadline=deadline)
        return Postgres(service, measure([service], 0.1)["postgres"])

    return read


@pytest.fixture
def clients(dsn):
    """Opens connections through the pooler; each holds one to the server if `busy`."""

    @contextmanager
    def opened(count, database="deals", *, busy=False):
        with ExitStack() as held:
            for _ in range(count):
                one = held.enter_context(psycopg.connect(dsn(database=database), autocommit=not busy))
                one.execute("SELECT 1")
            yield

    return opened


@pytest.fixture
def console(dsn):
    """PgBouncer's own console."""
    with psycopg.connect(dsn("boss", "pgbouncer"), autocommit=True) as boss:
        yield boss.execute


@pytest.mark.parametrize("database", ["deals", "session"], ids=["transaction", "session"])
def test_a_pooler_with_room_is_asked_like_a_server(ask, dsn, database):
    found = ask(database, monitor=dsn("watcher", database))
    assert found.answers().value is found.login().value is found.writable().value is True
    assert found.idle_in_transaction().value == found.waiting_locks().value == 0
    assert 0 <= found.connections_used().value < 20
    assert found.size().value > 0


def test_a_pooler_that_takes_no_more_clients_is_full(ask, clients):
    with clients(6):
        full = ask()
    reason = "no more connections allowed (max_client_conn): the pooler takes no more clients"
    assert (full.login().value, full.login().reason) == (False, reason)
    assert (full.connections_used().value, full.connections_used().reason) == (100.0, reason)
    assert full.answers().value is None, "what is behind it was not asked"
    assert reason in full.size().reason


@pytest.mark.parametrize("database", ["deals", "session"], ids=["transaction", "session"])
def test_a_pool_that_is_used_up_lets_nobody_work(ask, clients, database):
    with clients(2, database, busy=True):
        used_up = ask(database)
    assert used_up.login().value is False
    assert used_up.login().reason.startswith("query_wait_timeout: the pooler has no connection to the server for us")
    assert (used_up.answers().value, used_up.connections_used().value) == (None, None)


def test_what_the_application_cannot_see_through_its_pool_the_monitor_sees(ask, clients, dsn):
    with clients(2, busy=True):
        found = ask(monitor=dsn("watcher"))
    assert (found.answers().value, found.login().value) == (True, False)
    assert found.idle_in_transaction().value == 2


def test_a_pool_that_is_used_up_is_down_where_its_patience_is_longer_than_ours(ask, clients):
    with clients(2, busy=True):
        mute = ask(deadline="0.5s")
    assert mute.answers().value is False
    assert mute.answers().reason.startswith("it let us in, then no answer within 0.5 s: a pooler whose pool is used up")


def test_a_pooler_that_is_paused_lets_nobody_work(ask, console):
    console("PAUSE deals")
    try:
        assert ask().login().value is False
    finally:
        console("RESUME deals")
    assert ask().login().value is True


def test_a_database_that_is_disabled_is_down(ask, console):
    console("DISABLE deals")
    try:
        assert (ask().answers().value, ask().answers().reason) == (False, 'database "deals" is disabled')
    finally:
        console("ENABLE deals")


def test_a_pooler_that_never_reached_its_server_says_that_it_is_down(ask):
    gone = ask("gone")
    assert gone.answers().value is False
    assert gone.answers().reason == "query_wait_timeout: the pooler has not reached the server"


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"password": "wrong"}, "login refused for postgres: check $THE_ADDRESS (password authentication failed)"),
        ({"role": "nobody"}, "login refused for postgres: check $THE_ADDRESS (password authentication failed)"),
        ({"database": "unheard"}, "no such database: unheard"),
        ({"database": "missing"}, 'database "missing" does not exist'),
    ],
    ids=["password", "role", "database", "database behind it"],
)
def test_an_address_that_is_wrong_says_nothing_about_the_server(ask, how, reason):
    answer = ask(**how).answers()
    assert (answer.value, answer.reason) == (None, reason)


def test_a_server_that_goes_away_behind_a_pooler_is_down(ask, server, until):
    assert ask().answers().value is True
    server[0].stop(timeout=10)
    assert ask().login().value is not True
    until(lambda: ask().answers().value is False)
    assert "server login has been failing" in ask().answers().reason
