"""Backups of a real PostgreSQL: one that can be restored, figures of the newest, and zeros where it is no backup."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.proof

SCRIPT = Path(__file__).parents[2] / "systems" / "reference" / "standin" / "backups.sh"
PLACE = "/usr/local/bin/backups.sh"
NEWEST = "ls /backups/*.dump"


@pytest.fixture(scope="module")
def backups(beside):
    """What makes backups, begun while the database has no tables."""
    return beside("POSTGRES", PLACE, more=["--volume", f"{SCRIPT}:{PLACE}:ro", "--tmpfs", "/backups"])


@pytest.fixture(scope="module")
def figures(backups, engine_command):
    """Return the newest figures."""

    def read():
        text = engine_command("exec", backups, "sh", "-c", "cat /backups/figures.prom 2>/dev/null || true")
        return {name: int(value) for name, value in (line.split() for line in text.splitlines())}

    return read


@pytest.fixture(scope="module")
def made(backups, figures, within, sql):
    """The path of a backup that has two tables."""
    within(30, lambda: figures().get("backup_listed_tables") == 0)
    sql("CREATE TABLE one AS SELECT n FROM generate_series(1, 500) AS n; CREATE TABLE two (n integer)")
    within(60, lambda: figures()["backup_listed_tables"] == 2)
    return backups


def test_of_a_database_without_tables_there_is_no_backup_and_the_figures_say_zero(made, engine_command):
    assert len(engine_command("exec", made, "sh", "-c", NEWEST).split()) == 1  # the one with tables


def test_the_figures_are_those_of_the_newest_backup(made, figures, engine_command):
    size, changed = engine_command("exec", made, "sh", "-c", f"stat -c '%s %Y' $({NEWEST})").split()
    assert figures() == {
        "backup_finished_seconds": int(changed),
        "backup_size_bytes": int(size),
        "backup_listed_tables": 2,
    }


def test_what_is_restored_is_what_was_there(made, engine_command, sql):
    sql("CREATE DATABASE restored")
    engine_command("exec", made, "sh", "-c", f"pg_restore --dbname=restored $({NEWEST})")
    assert sql("SELECT count(*), sum(n) FROM one", "restored") == "500|125250"


def test_a_backup_that_was_cut_off_is_told_from_a_whole_one(made, figures, engine_command, within):
    engine_command("exec", made, "sh", "-c", f"truncate --size=100 $({NEWEST})")
    within(30, lambda: figures()["backup_size_bytes"] == 100)
    assert figures()["backup_listed_tables"] == 0


def test_where_there_is_none_any_more_the_figures_are_zeros(made, figures, engine_command, within):
    engine_command("exec", made, "sh", "-c", "rm /backups/*.dump")
    within(30, lambda: figures()["backup_finished_seconds"] == 0)
    assert set(figures().values()) == {0}
