"""What 60 signals of each source cost a reading, by the servers' own counts: `make bench` prints it."""

from __future__ import annotations

import psycopg
import pytest

MANY = 60
READS = {
    "sql": "service = \"db\", sql = 'SELECT {at}'",
    "page": 'service = "web", path = "/status", json = "$.queue.depth"',
    "command": 'service = "keys", command = "LLEN emails"',
}
WANTED = {"logins to PostgreSQL": 1, "requests for the page": 1, "connections to Redis": 1}

pytestmark = pytest.mark.bench


@pytest.fixture
def reader_of_all(of_web, of_database, of_keys):
    """A reader of all three: it is one and the same."""
    assert of_web is of_database is of_keys
    return of_web


@pytest.fixture
def counts(web, database, keys, until):
    """What each server has counted so far, once it has nobody else to serve."""
    address = f"postgresql://owner:owner-password@{database[1]}/postgres"
    with psycopg.connect(address, autocommit=True) as owner:

        def asked(query: str) -> list[tuple[int, ...]]:
            return owner.execute(f"SELECT {query} WHERE datname = 'deals'").fetchall()

        def found() -> dict[str, int]:
            until(lambda: not asked("pid FROM pg_stat_activity"))
            numbers = asked("sessions FROM pg_stat_database")[0][0], web.asked["/status"]
            return dict(zip(WANTED, (*numbers, keys[2].info()["total_connections_received"]), strict=True))

        yield found


def signals(number: int, sources: tuple[str, ...]) -> str:
    return "".join(
        f'[signals."{source}.n{at}"]\nread = {{ {READS[source].replace("{at}", str(at))} }}\nhigh = "> 1000"\n'
        for source in sources
        for at in range(number)
    )


def test_sixty_of_each_cost_one_login_one_request_one_connection(reader_of_all, counts, capsys):
    def cost(number: int) -> dict[str, int]:
        before = counts()
        values = reader_of_all.observed(signals(number, tuple(READS)))
        assert all(isinstance(one, float) for one in values.values())
        assert len(values) == number * len(READS)
        return {name: count - before[name] for name, count in counts().items()}

    one, many = cost(1), cost(MANY)
    bare = bare_cost(reader_of_all, counts)
    lines = [f"{name:24} without signals {bare[name]}, with 1 {one[name]}, with {MANY} {many[name]}" for name in WANTED]
    with capsys.disabled():
        print("", f"{MANY} signals of each, counted by the servers in one reading:", *lines, sep="\n")  # noqa: T201
    assert {name: many[name] - bare[name] for name in WANTED} == WANTED


def bare_cost(reader, counts) -> dict[str, int]:
    """What a reading costs without any signal."""
    from drillbook.probes.measure import measure

    target, before = reader.target(""), counts()
    measure([one for one in target.services.values() if one.kind != "prometheus"], 0.2)
    return {name: count - before[name] for name, count in counts().items()}
