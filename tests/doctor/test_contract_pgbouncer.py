"""Whatever serves as PgBouncer keeps the contract that compose files rely on: edoburu's image or stand-in alike."""

import psycopg
import pytest

PASSWORD = "a pass'word"
DSN = "postgresql://app@127.0.0.1:{}/{}"


@pytest.fixture(scope="module")
def server(image, run_container, until, inside):
    """A PostgreSQL; PgBouncer shares its network, and its container publishes the port of both."""
    names = {"POSTGRES_USER": "app", "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": "shop"}
    container = run_container(image("postgres"), port=6432, environment=names)
    until(lambda: inside(container, "pg_isready --host=127.0.0.1 --username=app") or True)
    return container


@pytest.fixture(scope="module")
def pooler(image, run_container, server):
    settings = {
        "DB_HOST": "127.0.0.1",
        "DB_NAME": "shop",
        "DB_USER": "app",
        "DB_PASSWORD": PASSWORD,
        "LISTEN_PORT": "6432",
        "AUTH_TYPE": "scram-sha-256",
        "POOL_MODE": "transaction",
        "MAX_CLIENT_CONN": "7",
        "ADMIN_USERS": "app",
        "IGNORE_STARTUP_PARAMETERS": "extra_float_digits,options",
    }
    return run_container(image("pgbouncer"), environment=settings, network_mode=f"container:{server.id}")


@pytest.fixture
def connect(server, pooler, until):
    """Connect through it; once it is there."""
    server.reload()
    port = server.ports["6432/tcp"][0]["HostPort"]

    def opened(database="shop", password=PASSWORD, **options):
        address = DSN.format(port, database)
        return psycopg.connect(address, password=password, connect_timeout=3, autocommit=True, **options)

    until(lambda: opened().close() or True)
    return opened


def setting(connect, name):
    with connect("pgbouncer", prepare_threshold=None) as console:
        rows = console.execute("SHOW CONFIG", prepare=False).fetchall()
    return next(row[1] for row in rows if row[0] == name)


def test_whoever_has_the_password_is_let_through_to_the_server(connect):
    with connect() as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("shop",)


def test_another_password_is_refused(connect):
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        connect(password="another")


@pytest.mark.parametrize(("name", "value"), [("pool_mode", "transaction"), ("max_client_conn", "7")])
def test_the_environment_holds_its_settings(connect, name, value):
    assert setting(connect, name) == value


def test_options_of_clients_are_passed_over_where_that_is_said(connect):
    with connect(options="-c statement_timeout=1") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_it_is_process_one_and_not_root(connect, pooler, inside):
    assert inside(pooler, "cat /proc/1/comm") == "pgbouncer"
    assert inside(pooler, "stat -c %U /proc/1") == "postgres"


def test_settings_that_were_put_there_are_left_alone(image, run_container, until):
    files = {"/etc/pgbouncer/pgbouncer.ini": "[databases]\n[pgbouncer]\nlisten_port = 7777\nlisten_addr = *\n"}
    container = run_container(image("pgbouncer"), environment={"DB_HOST": "x"}, files=files)
    assert until(lambda: "listening on 0.0.0.0:7777" in container.logs().decode())
