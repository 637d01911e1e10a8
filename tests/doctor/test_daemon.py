"""A daemon started by hand: its deadline, its log, its stale pid files."""

import os

import pytest

from drillbook.doctor import Missing, daemon
from drillbook.doctor.machine import process_name


def test_a_daemon_that_ends_shows_its_last_lines_at_once(tmp_path, said):
    log = tmp_path / "log"
    log.write_text("first\nfailed to mount overlay\n")
    with pytest.raises(Missing, match="did not start: dockerd --debug"):
        daemon.wait(lambda: False, runs=lambda: False, help_="dockerd --debug", log=log)
    assert "failed to mount overlay" in said()


def test_a_daemon_that_never_answers_is_given_up_at_the_deadline():
    with pytest.raises(Missing, match="did not start"):
        daemon.wait(lambda: False, runs=lambda: True, help_="journalctl", seconds=0.3)


def test_a_daemon_that_answers_ends_the_wait():
    answers = iter([False, True])
    daemon.wait(lambda: next(answers), runs=lambda: True, help_="")


@pytest.mark.parametrize("content", ["999999999", "", "none", pytest.param(str(os.getpid()), id="ours")])
def test_a_pid_file_of_no_daemon_is_removed(tmp_path, said, content):
    path = tmp_path / "docker.pid"
    path.write_text(content)
    daemon.remove_stale_pid_files({path: "dockerd"})
    assert not path.exists()
    assert "stale pid file" in said()


def test_a_pid_file_of_a_running_daemon_stays(tmp_path):
    path = tmp_path / "docker.pid"
    path.write_text(str(os.getpid()))
    daemon.remove_stale_pid_files({path: process_name(os.getpid())})
    assert path.exists()
