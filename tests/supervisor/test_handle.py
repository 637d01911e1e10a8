"""A run arms its supervisor before it creates anything, and closes it when it has ended by itself."""

import os
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.supervisor import arm, child
from drillbook.supervisor.process import look
from drillbook.supervisor.things import listed


def test_a_run_has_labels_that_name_its_supervisor_and_a_folder_of_its_own(armed):
    assert armed.labels == {"drillbook": armed.run, "drillbook.owner": armed.owner}
    assert armed.owner.split(":")[1:3] == [str(armed.pid), str(look(armed.pid).started)]
    assert stat.S_IMODE(armed.folder.stat().st_mode) == 0o700


def test_the_supervisor_shares_neither_session_nor_terminal_nor_tracking_id(bench, temporary, monkeypatch):
    monkeypatch.setenv("RUNNER_TRACKING_ID", "github_1")
    with arm(bench.name()) as supervisor:
        assert os.getsid(supervisor.pid) == supervisor.pid
        assert b"RUNNER_TRACKING_ID" not in Path(f"/proc/{supervisor.pid}/environ").read_bytes()
        assert not any("tty" in str(Path(f"/proc/{supervisor.pid}/fd/{number}").readlink()) for number in (0, 1, 2))


def test_an_orderly_close_says_what_it_removed(bench, armed):
    bench.container(armed.labels, name=f"{armed.run}-one")
    waiting = child(armed, ["sleep", "300"])
    done = armed.close(settled=True)
    assert done.removed == (f"process {waiting.pid}", f"container {armed.run}-one", f"folder {armed.folder}")
    assert done.left == ()
    assert waiting.wait(30) == -signal.SIGKILL
    assert armed.close() is done


def test_where_the_supervisor_was_killed_the_close_does_its_work(bench, armed):
    bench.container(armed.labels, name=f"{armed.run}-one")
    waiting = child(armed, ["sleep", "300"])
    assert armed.alive
    os.kill(armed.pid, signal.SIGKILL)
    while armed.alive:
        time.sleep(0.01)
    done = armed.close(settled=True)
    assert len(done.removed) == 3
    assert done.left == ()
    assert listed(bench.client, f"drillbook={armed.run}") == []
    assert waiting.wait(30) == -signal.SIGKILL
    assert not armed.folder.exists()


def test_what_the_run_forked_cannot_close_it(armed):
    forked = os.fork()
    if not forked:
        armed.close()
        os._exit(0)
    os.waitpid(forked, 0)
    assert armed.alive
    assert armed.folder.is_dir()


def test_the_mark_of_the_run_leaves_the_environment_with_it(bench, temporary):
    before = dict(os.environ)
    with arm(bench.name()):
        assert dict(os.environ) != before
    assert dict(os.environ) == before


def test_without_an_engine_a_run_is_refused(bench, temporary, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(Mistakes, match=r"nothing can supervise this run: no docker engine answers .*: start it"):
        arm(bench.name())
    assert list(temporary.iterdir()) == []


def test_with_an_engine_that_is_mute_a_run_is_refused(bench, temporary, monkeypatch):
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(temporary / "mute.sock"))
        mute.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{temporary}/mute.sock")
        with pytest.raises(Mistakes, match="it was not ready after 1 s: run `drillbook doctor`"):
            arm(bench.name(), within=1)
    assert [path.name for path in temporary.iterdir()] == ["mute.sock"]


def test_a_supervisor_that_cannot_start_says_why(bench, temporary, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(Mistakes, match="nothing can supervise this run: it ended"):
        arm(bench.name())


def test_a_name_that_is_in_use_is_refused(bench, armed):
    bench.container(armed.labels, name=f"{armed.run}-one")
    with pytest.raises(Mistakes, match=r"carry the label .* already .*: choose another run"):
        arm(armed.run)


@pytest.mark.parametrize("name", ["", "up:drillbook-shop", "a=b", "-x", "a\n"])
def test_a_name_that_would_catch_others_is_no_name(name):
    with pytest.raises(ValueError, match="a run's name"):
        arm(name)


def test_a_folder_called_docker_where_the_user_stands_is_not_the_library(bench, temporary, monkeypatch):
    (temporary / "here").mkdir()
    (temporary / "here" / "docker.py").write_text("raise SystemExit('wrong')")
    monkeypatch.chdir(temporary / "here")
    arm(bench.name()).close(settled=True)


def test_a_process_that_outlives_the_run_does_not_hold_its_pipe(armed):
    other = subprocess.Popen(["sleep", "30"], close_fds=False)
    held = {str(path.readlink()) for path in Path(f"/proc/{other.pid}/fd").iterdir()}
    ours = str(Path(f"/proc/self/fd/{armed._process.stdin.fileno()}").readlink())
    other.kill()
    other.wait()
    assert ours.startswith("pipe:")
    assert ours not in held
