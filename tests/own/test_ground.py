"""What is known of this machine's folders, and what a folder holds."""

from __future__ import annotations

import io
import ipaddress
import os
import socket
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from drillbook.stack import ground
from drillbook.stack.fill import PLACE, copy_file, pack
from drillbook.stack.ground import leads_here, survey, this_ground


def engine(version="20.10.24", kernel="6.1.0-18-amd64"):
    info = {"ServerVersion": version, "KernelVersion": kernel, "DockerRootDir": "/var/lib/docker"}
    return SimpleNamespace(info=lambda: info)


@pytest.mark.parametrize(
    ("version", "kernel", "deep"),
    [("20.10.24+dfsg1", "6.1.0", False), ("25.0.3", "6.1.0", True), ("27.1.1-ce", "5.10.0", False), ("", "", False)],
)
def test_read_only_mounts_are_so_all_the_way_down_on_new_engines_and_kernels(version, kernel, deep):
    assert this_ground(engine(version, kernel), "/run/docker.sock").deep is deep


def test_the_ground_knows_every_engines_socket_and_what_is_mounted_here(monkeypatch, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    found = this_ground(engine(), str(tmp_path / "link" / "e.sock"))
    wanted = {tmp_path / "real" / "e.sock", Path("/run/user/7/docker.sock"), Path("/run/containerd/containerd.sock")}
    assert wanted <= set(found.sockets)
    assert Path("/") in found.mounts
    assert found.is_open_below(Path("/"))


def test_where_mounts_cannot_be_read_everything_at_the_root_is_open_below(monkeypatch):
    monkeypatch.setattr(ground.Path, "read_text", lambda *_, **__: (_ for _ in ()).throw(OSError()))
    assert this_ground(engine(), "").is_open_below(Path("/"))


@pytest.fixture
def folder(tmp_path):
    """A folder with a file, a symlink, a folder and a socket."""
    made = tmp_path / "theirs"
    (made / "deep").mkdir(parents=True)
    (made / "deep" / "file").write_text("12345")
    (made / "deep" / "file").chmod(0o640)
    os.utime(made / "deep" / "file", (10**9, 10**9))
    (made / "link").symlink_to("/etc/passwd")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(made / "socket"))
        yield made


def test_a_survey_counts_without_following_anything(folder):
    found = survey(folder)
    assert (found.entries, found.size, found.sockets, found.whole) == (4, 5, 1, True)


def test_a_pipe_counts_as_a_socket_for_it_is_written_to_where_all_is_read_only(folder):
    os.mkfifo(folder / "pipe")
    assert survey(folder).sockets == 2


def test_a_survey_of_too_much_says_that_it_is_not_whole(folder):
    assert not survey(folder, most=2).whole


def test_a_packed_folder_keeps_modes_times_and_links_and_leaves_sockets_behind(folder):
    packed = io.BytesIO()
    pack(folder, packed)
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        found = {one.name: one for one in archive}
    assert set(found) == {PLACE, f"{PLACE}/deep", f"{PLACE}/deep/file", f"{PLACE}/link"}
    assert (found[f"{PLACE}/deep/file"].mode, found[f"{PLACE}/deep/file"].mtime) == (0o640, 10**9)
    assert found[f"{PLACE}/link"].linkname == "/etc/passwd"


def test_a_copy_of_a_file_is_made_once_with_its_mode_and_time(folder, tmp_path):
    own = tmp_path / "private" / "file"
    copy_file(folder / "deep" / "file", own)
    assert (own.read_text(), own.stat().st_mode & 0o777, own.stat().st_mtime) == ("12345", 0o640, 10**9)
    own.write_text("what the copy wrote")
    copy_file(folder / "deep" / "file", own)
    assert own.read_text() == "what the copy wrote"
    assert own.parent.stat().st_mode & 0o777 == 0o700


def test_a_host_that_is_this_machine_leads_there_by_whatever_address_and_others_do_not(engine):
    config = engine.networks.get("bridge").attrs["IPAM"]["Config"][0]
    ours = config.get("Gateway") or str(next(ipaddress.ip_network(config["Subnet"]).hosts()))
    assert [leads_here(f"db{mark}{address}") for mark in "=:" for address in (ours, "host-gateway")] == [True] * 4
    assert [leads_here(f"db={one}") for one in ("127.0.0.1", "[::1]", "192.0.2.1", "no address")] == [False] * 4
