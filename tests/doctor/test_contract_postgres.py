"""Whatever serves as PostgreSQL keeps the contract that compose files rely on: official image or stand-in alike."""

import gzip

import psycopg
import pytest

INIT = "/docker-entrypoint-initdb.d"
FILES = {
    f"{INIT}/1.sql": "CREATE TABLE plain (word text); INSERT INTO plain VALUES ('grün');",
    f"{INIT}/2.sql.gz": gzip.compress(b"CREATE TABLE packed AS SELECT 1 AS one;"),
    f"{INIT}/3.sh": 'psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c '
    "\"CREATE TABLE script AS SELECT current_setting('listen_addresses') AS listened\"\n",
    "/run/password": "from a file\n",
}
VARIABLES = {
    "POSTGRES_USER": "app",
    "POSTGRES_PASSWORD_FILE": "/run/password",
    "POSTGRES_DB": "deals",
    "POSTGRES_INITDB_ARGS": "--data-checksums",
    "PGDATA": "/var/lib/postgresql/data/below",
}


def dial(container, **changed):
    container.reload()
    port = container.ports["5432/tcp"][0]["HostPort"]
    account = {"user": "app", "password": "from a file", "dbname": "deals", **changed}
    return psycopg.connect(host="127.0.0.1", port=port, connect_timeout=3, **account)


def ask(container, question):
    with dial(container) as connection:
        return connection.execute(question).fetchone()[0]


@pytest.fixture(scope="module")
def postgres(image, run_container, until):
    container = run_container(
        image("postgres"), ["postgres", "-c", "max_connections=20"], port=5432, environment=VARIABLES, files=FILES
    )
    until(lambda: ask(container, "SELECT 1"))
    return container


def test_a_wrong_password_is_refused_over_tcp(postgres):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        dial(postgres, password="another")


def test_the_cluster_is_utf8_and_text_comes_back_as_text(postgres):
    assert ask(postgres, "SHOW server_encoding") == "UTF8"
    assert ask(postgres, "SELECT word FROM plain") == "grün"


def test_the_init_folder_runs_packed_sql(postgres):
    assert ask(postgres, "SELECT one FROM packed") == 1


def test_the_init_folder_runs_scripts_while_the_server_listens_on_its_socket_only(postgres):
    assert ask(postgres, "SELECT listened FROM script") == ""


def test_arguments_reach_the_server(postgres):
    assert ask(postgres, "SHOW max_connections") == "20"


def test_arguments_reach_initdb(postgres):
    assert ask(postgres, "SHOW data_checksums") == "on"


def test_passwords_are_stored_as_scram(postgres):
    assert ask(postgres, "SELECT rolpassword FROM pg_authid WHERE rolname = 'app'").startswith("SCRAM-SHA-256$")


def test_data_may_be_in_a_folder_below_the_mount(postgres):
    assert ask(postgres, "SHOW data_directory") == "/var/lib/postgresql/data/below"


def test_the_server_is_process_one_and_not_root(postgres, inside):
    assert inside(postgres, "cat /proc/1/comm") == "postgres"
    assert inside(postgres, "stat -c %U /proc/1") == "postgres"


@pytest.mark.parametrize("command", ["psql -U app -d deals -c 'SELECT 1'", "pg_isready -U app"])
def test_the_client_programs_are_on_the_path(postgres, inside, command):
    assert inside(postgres, command)


def test_a_connected_client_does_not_hold_up_a_stop_and_a_start_brings_the_rows_back(postgres, until):
    with dial(postgres) as idle:
        postgres.stop(timeout=60)
        idle.close()
    assert postgres.wait()["StatusCode"] == 0, "it ended by itself: nobody had to kill it when the time was up"
    postgres.start()
    assert until(lambda: ask(postgres, "SELECT word FROM plain")) == "grün"


def test_it_stops_on_the_signal_for_a_fast_shutdown(docker_client, image):
    assert docker_client.api.inspect_image(image("postgres"))["Config"]["StopSignal"] == "SIGINT"


@pytest.mark.parametrize("variables", [{}, {"POSTGRES_PASSWORD": ""}])
def test_an_empty_password_is_refused(image, run_container, variables):
    container = run_container(image("postgres"), environment=variables)
    assert container.wait(timeout=120)["StatusCode"] != 0
    assert b"POSTGRES_PASSWORD" in container.logs()


def test_a_password_both_as_variable_and_as_file_is_refused(image, run_container):
    both = {"POSTGRES_PASSWORD": "one", "POSTGRES_PASSWORD_FILE": "/run/two"}
    container = run_container(image("postgres"), environment=both, files={"/run/two": "two"})
    assert container.wait(timeout=120)["StatusCode"] != 0


def test_a_failing_init_script_fails_the_start(image, run_container):
    container = run_container(
        image("postgres"), environment={"POSTGRES_PASSWORD": "x"}, files={f"{INIT}/1.sql": "SELECT nothing;"}
    )
    assert container.wait(timeout=120)["StatusCode"] != 0


def test_bare_flags_mean_the_server_and_trust_needs_no_password(image, run_container, until):
    container = run_container(
        image("postgres"),
        ["-c", "max_connections=21"],
        port=5432,
        environment={"POSTGRES_HOST_AUTH_METHOD": "trust"},
    )
    account = {"user": "postgres", "dbname": "postgres", "password": ""}
    with until(lambda: dial(container, **account)) as connection:
        assert connection.execute("SHOW max_connections").fetchone() == ("21",)
