"""What cannot be made safe is refused, by the key that says it, and all of it together; what is harmless is not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.stack.ground import Ground

REFUSED = {
    "privileged": {"privileged": True},
    "pid": {"pid": "host"},
    "pid of a stranger": {"pid": "container:theirs"},
    "ipc": {"ipc": "host"},
    "ipc of a stranger": {"ipc": "container:theirs"},
    "uts": {"uts": "host"},
    "userns_mode": {"userns_mode": "host"},
    "cgroup": {"cgroup": "host"},
    "cgroup_parent": {"cgroup_parent": "system.slice"},
    "network_mode": {"network_mode": "host"},
    "network_mode of a stranger": {"network_mode": "container:theirs"},
    "devices": {"devices": [{"source": "/dev/fuse", "target": "/dev/fuse"}]},
    "device_cgroup_rules": {"device_cgroup_rules": ["c 1:3 mr"]},
    "gpus": {"gpus": [{"count": -1}]},
    "deploy.resources.reservations.devices": {"deploy": {"resources": {"reservations": {"devices": [{"count": 1}]}}}},
    "cap_add": {"cap_add": ["SYS_ADMIN"]},
    "cap_add of all": {"cap_add": ["ALL"]},
    "cap_add by its long name": {"cap_add": ["cap_sys_ptrace"]},
    "security_opt": {"security_opt": ["seccomp=unconfined"]},
    "security_opt for apparmor": {"security_opt": ["apparmor:unconfined"]},
    "security_opt for labels": {"security_opt": ["label=disable"]},
    "security_opt for paths": {"security_opt": ["systempaths=unconfined"]},
    "runtime": {"runtime": "nvidia"},
    "external_links": {"external_links": ["theirs"]},
    "volumes_from": {"volumes_from": ["container:theirs:ro"]},
    "credential_spec": {"credential_spec": {"file": "x.json"}},
    "use_api_socket": {"use_api_socket": True},
    "provider": {"provider": {"type": "awesomecloud"}},
    "post_start": {"post_start": [{"command": ["x"], "privileged": True}]},
    "pre_stop": {"pre_stop": [{"command": ["x"], "privileged": True}]},
    "build.privileged": {"build": {"context": ".", "privileged": True}},
    "build.network": {"build": {"context": ".", "network": "host"}},
    "build.entitlements": {"build": {"context": ".", "entitlements": ["security.insecure"]}},
    "build.ssh": {"build": {"context": ".", "ssh": ["default"]}},
    "deploy.something_new": {"deploy": {"something_new": 1}},
    "something_new": {"something_new": {"of": "a later compose"}},
}
FINE = {
    "privileged": {"privileged": False},
    "pid": {"pid": "service:db"},
    "ipc": {"ipc": "shareable"},
    "cgroup": {"cgroup": "private"},
    "network_mode": {"network_mode": "none", "networks": None},
    "network_mode of a service": {"network_mode": "service:db", "networks": None},
    "cap_add": {"cap_add": ["NET_ADMIN", "CAP_IPC_LOCK", "chown"]},
    "security_opt": {"security_opt": ["no-new-privileges:true"]},
    "runtime": {"runtime": "runc"},
    "volumes_from": {"volumes_from": ["db:ro"]},
    "post_start": {"post_start": [{"command": ["x"]}]},
    "sysctls": {"sysctls": {"net.core.somaxconn": "1024"}},
    "x-own": {"x-own": {"anything": True}},
    "annotations": {"annotations": {"a": "b"}},
    "build": {"build": {"context": "/here", "network": "default", "args": {"A": "1"}, "target": "prod"}},
}


@pytest.mark.parametrize("declared", REFUSED.values(), ids=REFUSED)
def test_what_reaches_beyond_the_copy_is_refused_by_its_key(declared, service, request):
    key = request.node.callspec.id.partition(" ")[0]
    with pytest.raises(Refused) as refused:
        service(declared)
    (line,) = refused.value.lines
    assert line.startswith(f"services.web.{key}:")
    assert "leave the service out ([stack] leave_out)" in line


@pytest.mark.parametrize("declared", FINE.values(), ids=FINE)
def test_what_stays_within_the_copy_is_not(declared, service):
    made, _ = service(declared, more={"services": {"web": {"image": "x", **declared}, "db": {"image": "y"}}})
    for key in set(declared) - {"build", "annotations", "x-own", "networks", "privileged"}:
        assert made[key] == declared[key]


def test_all_of_it_is_said_together_and_a_mistake_with_it(service):
    with pytest.raises(Refused) as refused:
        service(
            {"pid": "host", "privileged": True}, more={"secrets": {"s": {"external": True}}}, contents={"x": "empty"}
        )
    text = str(refused.value)
    assert [name in text for name in ("web.pid", "web.privileged", "secrets.s", "'x'")] == [True] * 4


OUTSIDE = ({"models": {"m": {}}}, {"secrets": {"s": {"external": True}}}, {"configs": {"c": {"external": True}}})


@pytest.mark.parametrize("more", OUTSIDE, ids=str)
def test_so_is_what_lies_outside_of_the_file(more, service):
    with pytest.raises(Refused, match=next(iter(more))):
        service({}, more=more)


def bind(source, *, read_only=True):
    return {"volumes": [{"type": "bind", "source": str(source), "target": "/there", "read_only": read_only}]}


@pytest.fixture
def engine(tmp_path):
    """A ground whose engine has its socket and its data in folders of the test's own, one of them behind a symlink."""
    (tmp_path / "run").mkdir()
    (tmp_path / "lib" / "docker" / "volumes").mkdir(parents=True)
    (tmp_path / "shortcut").symlink_to(tmp_path / "run")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "run" / "engine.sock"))
        (tmp_path / "plain").mkdir()
        (tmp_path / "linked.sock").symlink_to(tmp_path / "run" / "engine.sock")
        yield Ground((tmp_path / "run" / "engine.sock",), tmp_path / "lib" / "docker")


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("run/engine.sock", "is a socket"),
        ("linked.sock", "is a socket"),
        ("run", "holds the engine's socket"),
        ("shortcut", "holds the engine's socket"),
        ("", "holds the engine's socket"),
        ("lib", "lies in, or holds, the engine's own folder"),
        ("lib/docker/volumes", "lies in, or holds, the engine's own folder"),
        ("/dev", "devices"),
        ("/dev/null", "devices"),
    ],
)
def test_what_would_hand_over_the_engine_or_a_device_is_refused_even_read_only(
    source, why, read_only, service, engine, tmp_path
):
    with pytest.raises(Refused, match=why) as refused:
        service(bind(tmp_path / source, read_only=read_only), ground=engine)
    assert '[stack.contents] "web:/there" = "empty"' in str(refused.value)


@pytest.mark.parametrize(
    "source", ["/", "/etc", "/usr", "/usr/share", "/boot", "/bin", "/lib", "/root", "/proc", "/sys"]
)
def test_a_writable_folder_of_the_machines_own_is_refused(source, service, engine):
    with pytest.raises(Refused, match=r"web\.volumes"):
        service(bind(source, read_only=False), ground=engine)


def test_what_the_kernel_says_of_devices_may_be_read_where_that_is_all(service, engine):
    made, _ = service(bind("/sys"), ground=engine)
    assert made["volumes"][0]["source"] == "/sys"
    open_below = Ground(engine.sockets, engine.data, (Path("/"), Path("/sys/fs/cgroup")))
    with pytest.raises(Refused, match="stay writable"):
        service(bind("/sys"), ground=open_below)


@pytest.mark.parametrize("source", ["/proc", "/proc/1", "/proc/sys"])
def test_processes_are_refused_even_read_only_for_their_files_can_be_written_to_through_them(source, service, engine):
    with pytest.raises(Refused, match="into the files of other containers"):
        service(bind(source), ground=engine)


def test_what_the_system_file_puts_in_its_place_is_not_refused(service, engine):
    made, _ = service(bind("/", read_only=False), ground=engine, contents={"web:/there": "empty"})
    assert made["volumes"][0]["type"] == "volume"


def test_a_secret_that_is_a_socket_is_refused_by_its_key(service, engine, tmp_path):
    with pytest.raises(Refused, match=r"^secrets\.s\.file: .* is a socket"):
        service({}, more={"secrets": {"s": {"file": str(tmp_path / "run" / "engine.sock")}}}, ground=engine)


def test_what_a_hook_says_is_not_told(service):
    with pytest.raises(Refused) as refused:
        service({"post_start": [{"command": ["login", "swordfish"], "privileged": True}]})
    assert "swordfish" not in str(refused.value)


def test_a_network_of_the_users_whose_name_begins_like_the_machines_is_only_replaced(service):
    made, _ = service({"network_mode": "hosted", "networks": None})
    assert made["networks"] == {"default": None}


def test_a_service_that_is_left_out_is_not_refused_and_nowhere_mentioned(document):
    services = {
        "web": {
            "image": "a",
            "depends_on": {"ui": {"condition": "service_started"}, "db": {}},
            "links": ["ui:u", "db"],
        },
        "db": {"image": "b", "volumes_from": ["ui:ro"]},
        "ui": {"image": "c", "privileged": True},
    }
    made = document({"services": services}, leave_out=["ui"]).content["services"]
    assert set(made) == {"web", "db"}
    assert made["web"]["depends_on"] == {"db": {}}
    assert made["web"]["links"] == ["db"]
    assert "volumes_from" not in made["db"]


@pytest.mark.parametrize(
    ("leave_out", "message"),
    [(["frontend"], r"stack.leave_out: there is no service 'frontend' \(known: db, web\)"),
     (["db"], "web shares the network_mode of db: leave 'web' out too")],
)  # fmt: skip
def test_what_cannot_be_left_out_is_a_mistake(document, leave_out, message):
    services = {"web": {"image": "a", "network_mode": "service:db"}, "db": {"image": "b"}}
    with pytest.raises(Mistakes, match=message):
        document({"services": services}, leave_out=leave_out)
