"""A full disk kills PostgreSQL; a bare restart stays down; freed space and a restart bring back what was promised."""

from __future__ import annotations

import pytest

from drillbook import faults, fixes
from drillbook.common.mistakes import Refused
from drillbook.common.polling import until
from drillbook.faults import disk

pytestmark = pytest.mark.proof

FULL = faults.disk_filled()
MOUNT = "/var/lib/postgresql/data"
FREE_LOGS = fixes.free_aged_files(f"{MOUNT}/log", pattern="*.log.*")
FREE_BACKUPS = fixes.free_aged_files(f"{MOUNT}/backups")


def files(shop) -> set[str]:
    """What lies on the volume beside the data."""
    with shop.running.helper("postgres") as helper:
        return set(
            helper.execute(["sh", "-c", f"cd {MOUNT}; find . -path ./pgdata -prune -o -type f -print"])[1].split()
        )


def is_dead(shop) -> bool:
    """Whether the database's container is over."""
    return shop.state("postgres") == "exited"


def test_space_and_a_restart_bring_back_every_acknowledged_order(whole):
    promised = {key for _ in range(30) if (key := whole.order())}
    before = FULL.witness(whole.running)
    with FULL.inject(whole.running):
        during = FULL.witness(whole.running)
        assert is_dead(whole)
        promised |= {key for _ in range(3) if (key := whole.order())}
        fixes.restart("postgres").apply(whole.running)
        assert until(lambda: is_dead(whole), within=10), "a bare restart healed it"
        assert FULL.witness(whole.running).there

        freed = fixes.in_turn(FREE_LOGS, FREE_BACKUPS).apply(whole.running)
        assert [part.split(",")[0] for part in freed.split("; ")] == ["3 files deleted"] * 2
        kept = {"./log/app.log", "./log/app.log.1", "./log/app.log.2", "./backups/newest.dump", "./backups/newer.dump"}
        assert files(whole) == kept
        fixes.restart("postgres").apply(whole.running)
        assert whole.becomes_ready()
        healed = FULL.witness(whole.running)
        promised |= {key for _ in range(10) if (key := whole.order())}
        assert len(promised) >= 40
        assert promised <= whole.orders()
    assert (before.there, during.there, healed.there) == (False, True, False), (before, during, healed)
    assert "No space left on device" in during.words
    assert files(whole) == set()
    assert promised <= whole.orders()


def test_the_world_is_restored_when_nothing_was_fixed_and_the_block_raised(whole):
    key = whole.order()
    with pytest.raises(ZeroDivisionError), FULL.inject(whole.running):
        raise ZeroDivisionError
    assert whole.becomes_ready()
    assert (files(whole), key in whole.orders()) == (set(), True)
    assert not FULL.witness(whole.running).there


def test_the_world_is_restored_when_entering_fails_half_way(whole, monkeypatch):
    def fails(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(disk, "_fill", fails)
    with pytest.raises(ZeroDivisionError), FULL.inject(whole.running):
        pytest.fail("was entered")
    assert files(whole) == set()


def test_a_disk_that_is_nearly_full_kills_nobody(whole):
    nearly = faults.disk_filled(leave=8 * 2**20)
    with nearly.inject(whole.running):
        assert nearly.witness(whole.running).there
        assert not FULL.witness(whole.running).there
        assert not is_dead(whole)


def test_a_volume_that_is_not_bounded_is_never_filled(whole):
    unbounded = faults.disk_filled("redis", mount="/data")
    with pytest.raises(Refused, match="is no volume in memory"), unbounded.inject(whole.running):
        pytest.fail("was entered")
    assert not unbounded.witness(whole.running).there


def test_a_volume_larger_than_a_fault_may_fill_is_refused(whole, monkeypatch):
    monkeypatch.setattr(disk, "LARGEST", 1000)
    with pytest.raises(Refused, match="more than a fault may fill"), FULL.inject(whole.running):
        pytest.fail("was entered")


def test_what_is_not_aged_stays(whole):
    with faults.disk_filled(leave=32 * 2**20).inject(whole.running):
        older = fixes.free_aged_files(f"{MOUNT}/log", older_than="60d")
        assert older.apply(whole.running) == "0 files deleted, 0 MB freed"
        assert len(files(whole)) == 11
