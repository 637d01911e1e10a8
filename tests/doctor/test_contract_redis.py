"""Whatever serves as Redis keeps the contract that compose files rely on: official image or stand-in alike."""

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def dial(container):
    container.reload()
    port = int(container.ports["6379/tcp"][0]["HostPort"])
    # One attempt: redis-py retries ten times by default.
    return redis.Redis(port=port, socket_timeout=3, retry=Retry(NoBackoff(), 0), decode_responses=True)


def setting(container, name):
    return dial(container).config_get(name)[name]


@pytest.fixture(scope="module")
def server(image, run_container, until):
    container = run_container(image("redis"), ["redis-server", "--maxmemory", "64mb"], port=6379)
    until(lambda: dial(container).ping())
    return container


def test_a_published_port_answers_and_takes_writes(server):
    assert dial(server).set("key", "value")


def test_arguments_reach_the_server(server):
    assert setting(server, "maxmemory") == str(64 * 1024 * 1024)


def test_data_goes_to_the_data_folder(server):
    assert setting(server, "dir") == "/data"


def test_the_server_is_process_one_and_not_root(server, inside):
    assert inside(server, "cat /proc/1/comm") == "redis-server"
    assert inside(server, "stat -c %U /proc/1") == "redis"


def test_the_client_program_is_on_the_path(server, inside):
    assert inside(server, "redis-cli ping") == "PONG"


def test_bare_flags_mean_the_server(image, run_container, until):
    container = run_container(image("redis"), ["--maxmemory", "32mb"], port=6379)
    assert until(lambda: setting(container, "maxmemory")) == str(32 * 1024 * 1024)


def test_a_configuration_file_is_read_and_the_port_still_answers(image, run_container, until):
    files = {"/etc/drillbook.conf": "maxmemory 16mb\n"}
    container = run_container(image("redis"), ["redis-server", "/etc/drillbook.conf"], port=6379, files=files)
    assert until(lambda: setting(container, "maxmemory")) == str(16 * 1024 * 1024)


@pytest.mark.parametrize(
    ("command", "files"),
    [
        (["redis-server", "--protected-mode", "yes"], None),
        (["/etc/drillbook.conf"], {"/etc/drillbook.conf": "protected-mode yes\n"}),
    ],
)
def test_protected_mode_is_on_where_a_setting_says_so(image, run_container, until, inside, command, files):
    container = run_container(image("redis"), command, port=6379, files=files)
    until(lambda: inside(container, "redis-cli ping") == "PONG")
    with pytest.raises(redis.RedisError):
        dial(container).ping()
