"""What belongs to the user is replaced by the copy's own, and that is said in a line each."""

from __future__ import annotations

import socket

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.stack import mounts
from drillbook.stack.ground import Ground

LABELS = {"drillbook": "a-run", "drillbook.owner": "somebody"}
DATA = {"volumes": [{"type": "volume", "source": "data", "target": "/data", "volume": {}}]}


def bind(source, target="/there", **more):
    return {"type": "bind", "source": str(source), "target": target, "bind": {"create_host_path": True}, **more}


@pytest.fixture
def folder(tmp_path):
    """A small folder of the user's."""
    (tmp_path / "userdata").mkdir()
    (tmp_path / "userdata" / "kept.txt").write_text("theirs")
    return tmp_path / "userdata"


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"name": "theirs", "external": True}, "external"),
        ({"name": "theirs"}, "of a fixed name"),
        ({"driver": "rexray/ebs"}, "of the driver rexray/ebs"),
        ({"driver_opts": {"type": "none", "o": "bind", "device": "/srv/data"}}, "kept elsewhere by its options"),
        ({"driver_opts": {"type": "nfs", "o": "addr=10.0.0.1", "device": ":/data"}}, "kept elsewhere by its options"),
    ],
    ids=str,
)
def test_a_volume_of_the_users_is_the_copys_own_and_empty(declared, why, service):
    made, whole = service(DATA, more={"volumes": {"data": declared}})
    assert whole.content["volumes"] == {"data": {"labels": LABELS}}
    assert made["volumes"] == DATA["volumes"]
    assert whole.said == [f"volume data is {why}: the copy has one of its own, empty"]


def test_a_volume_of_the_files_own_is_nothing_to_speak_of(service):
    _, whole = service(DATA, more={"volumes": {"data": {"name": "drillbook-shop-1_data"}}})
    assert (whole.content["volumes"], whole.said) == ({"data": {"labels": LABELS}}, [])


def test_a_volume_in_memory_stays_one_and_a_drill_bounds_what_it_wants(service):
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    _, whole = service(DATA, more={"volumes": {"data": {"driver_opts": options}, "disk": None}}, sizes={"disk": "5m"})
    assert whole.content["volumes"]["data"]["driver_opts"] == options
    assert whole.content["volumes"]["disk"]["driver_opts"] == {
        "type": "tmpfs",
        "device": "tmpfs",
        "o": "size=5m,nr_inodes=1280",
    }


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"name": "dev", "external": True}, "external"),
        ({"name": "dev"}, "of a fixed name"),
        ({"driver": "macvlan"}, "of the driver macvlan"),
        ({"driver": "host"}, "of the driver host"),
        ({"driver_opts": {"com.docker.network.bridge.name": "br0"}}, "with options"),
        ({"ipam": {"config": [{"subnet": "10.2.3.0/24"}]}}, "with fixed addresses"),
    ],
    ids=str,
)
def test_a_network_of_the_users_is_one_of_the_copys_own(declared, why, service):
    there = {"dev": {"aliases": ["cache"], "ipv4_address": "10.2.3.4"}}
    made, whole = service({"networks": there}, more={"networks": {"dev": declared}})
    assert whole.content["networks"] == {"dev": {"labels": LABELS}}
    assert made["networks"] == {"dev": {"aliases": ["cache"]}}
    assert f"network dev is {why}: the copy has one of its own" in whole.said
    assert "ipv4_address of web on network dev: not fixed in the copy" in whole.said


def test_a_network_that_cannot_reach_out_still_cannot(service):
    _, whole = service({"networks": {"in": None}}, more={"networks": {"in": {"internal": True}}})
    assert whole.content["networks"]["in"] == {"internal": True, "labels": LABELS}


def test_the_engines_own_bridge_is_left_to_others(service):
    made, whole = service({"network_mode": "bridge", "networks": None}, more={"networks": {}})
    assert "network_mode" not in made
    assert made["networks"] == {"default": None}
    assert whole.content["networks"] == {"default": {"labels": LABELS}}
    assert whole.said == ["network_mode bridge of web: it is on a network of the copy's own"]


GONE = {
    "container_name": "shop-web",
    "labels": {"traefik.enable": "true"},
    "mac_address": "02:42:ac:11:65:43",
    "ports": [{"target": 80, "published": "80"}],
    "restart": "always",
}


@pytest.mark.parametrize(("key", "value"), GONE.items())
def test_what_is_fixed_for_the_users_own_is_not_for_the_copy(key, value, service):
    made, whole = service({key: value})
    assert made.get(key) != value
    assert (made["restart"], made["labels"]) == ("no", LABELS)
    (line,) = whole.said
    assert line.endswith("(web)")


def test_a_restart_policy_for_a_swarm_is_none_either_and_limits_stay(service):
    limits = {"limits": {"memory": "10485760"}}
    deploy = {"replicas": 2, "restart_policy": {"condition": "any"}, "labels": {"a": "b"}, "resources": limits}
    made, whole = service({"deploy": {**deploy, "placement": {}}})
    assert made["deploy"] == {"replicas": 2, "resources": limits}
    assert whole.said == ["nothing restarts by itself (web)"]


def test_nothing_leads_to_this_machine_or_to_its_log(service):
    made, whole = service({"extra_hosts": ["up=host-gateway", "api=10.0.0.5"], "logging": {"driver": "syslog"}})
    assert made["extra_hosts"] == ["api=10.0.0.5"]
    assert "logging" not in made
    assert len(whole.said) == 2


def test_an_image_that_is_built_is_the_copys_own_under_its_own_labels(document):
    build = {"context": "/here", "tags": ["theirs:2"], "cache_to": ["type=local,dest=/x"], "labels": {"a": "b"}}
    services = {
        "web": {"build": build, "image": "theirs:1"},
        "worker": {"image": "theirs:1"},
        "My_Job": {"build": build},
    }
    made = document({"services": services})
    web, job = made.content["services"]["web"], made.content["services"]["My_Job"]
    assert web["image"] == made.content["services"]["worker"]["image"] == "drillbook-shop-1-web"
    assert set(web["build"]) == {"context", "labels"}
    assert not {"drillbook", "drillbook.owner"} & set(web["build"]["labels"])
    assert web["build"]["labels"]["drillbook.built"] == "a-run"
    assert web["build"]["labels"]["drillbook.built.owner"] == "somebody"
    assert job["image"].startswith("drillbook-shop-1-my-job-")
    assert "tag theirs:1, cache_to, tags of web: the copy builds drillbook-shop-1-web, removed with it" in made.said


def test_a_folder_that_is_written_to_is_a_copy_shared_by_all_who_see_it(document, folder):
    services = {
        "web": {"image": "a", "volumes": [bind(folder)]},
        "reader": {"image": "b", "volumes": [bind(folder, "/elsewhere", read_only=True)]},
    }
    made = document({"services": services})
    web, reader = (made.content["services"][name]["volumes"][0] for name in ("web", "reader"))
    assert web == {"type": "volume", "source": web["source"], "target": "/there", "volume": {"nocopy": True}}
    assert (reader["source"], reader["read_only"]) == (web["source"], True)
    assert made.content["volumes"][web["source"]] == {"labels": LABELS}
    assert made.fills == {web["source"]: folder}
    assert made.said == [f"folder {folder} is written to: the copy has a copy of it (1 files, 0.0 MiB)"]
    assert made.read_only == frozenset()


def test_what_is_only_read_stays_the_users_own_and_nothing_is_made_or_relabelled(service, folder):
    options = {"create_host_path": True, "propagation": "rslave", "selinux": "Z"}
    made, whole = service({"volumes": [{**bind(folder, read_only=True), "bind": options}]})
    assert made["volumes"] == [
        {
            "type": "bind",
            "source": str(folder),
            "target": "/there",
            "read_only": True,
            "bind": {"create_host_path": False},
        }
    ]
    assert whole.read_only == {str(folder)}
    assert whole.said == []


@pytest.mark.parametrize("trouble", ["a mount below it", "a socket in it"])
def test_what_would_not_be_read_alone_is_a_copy_as_well(trouble, service, folder):
    with socket.socket(socket.AF_UNIX) as listening:
        if trouble == "a socket in it":
            listening.bind(str(folder / "s"))
        mounted = (folder / "disk",) if trouble == "a mount below it" else ()
        ground = Ground((), folder.parent / "lib", mounted)
        _, whole = service({"volumes": [bind(folder, read_only=True)]}, ground=ground)
    assert list(whole.fills.values()) == [folder]
    deep = Ground((), folder.parent / "lib", mounted, deep=True)
    if mounted:
        assert service({"volumes": [bind(folder, read_only=True)]}, ground=deep)[1].fills == {}


def test_a_single_file_that_is_written_to_is_a_copy_in_a_folder_of_ours(service, folder, tmp_path):
    file = folder / "kept.txt"
    made, whole = service({"volumes": [bind(file)]})
    (own,) = whole.files
    assert whole.files[own] == file
    assert own.parent == tmp_path / "private"
    assert made["volumes"][0]["source"] == str(own)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_folder_that_is_missing_is_an_empty_volume_and_not_made(service, tmp_path, read_only):
    made, whole = service({"volumes": [bind(tmp_path / "missing", read_only=read_only)]})
    assert made["volumes"][0]["type"] == "volume"
    assert whole.fills == {}
    assert whole.said == [f"{tmp_path / 'missing'} does not exist: the copy has an empty volume in its place"]
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_FILES"])
def test_a_folder_that_is_big_is_a_mistake_unless_the_system_file_says_what_the_copy_has(
    service, folder, tmp_path, monkeypatch, limit
):
    monkeypatch.setattr(mounts, limit, 0)
    with pytest.raises(Mistakes, match=r'too big to be copied.*\[stack.contents\] "web:/there" = "empty"'):
        service({"volumes": [bind(folder)]})
    made, whole = service({"volumes": [bind(folder)]}, contents={"web:/there": "empty"})
    assert (made["volumes"][0]["type"], whole.fills) == ("volume", {})


def test_a_folder_that_may_not_be_looked_into_is_a_mistake(service, folder, monkeypatch):
    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(mounts, "survey", denied)
    with pytest.raises(Mistakes, match=r"cannot be looked through \(Permission denied\): say what the copy has there"):
        service({"volumes": [bind(folder, read_only=True)]})


def test_what_a_volume_holds_can_be_said_by_its_name_or_its_place(service, tmp_path):
    (tmp_path / "seed").mkdir()
    more, contents = {"volumes": {"data": {"external": True}}}, {"data": "./seed", "web:/there": "seed"}
    made, whole = service({"volumes": [*DATA["volumes"], bind("/")]}, more=more, contents=contents)
    assert set(whole.fills.values()) == {tmp_path / "seed"}
    assert "data" in whole.fills
    assert [one["volume"] for one in made["volumes"]] == [{"nocopy": True}] * 2
    assert whole.said == [f"volume data is external: the copy has one of its own, filled from {tmp_path / 'seed'}"]


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"dta": "empty"}, r"nothing is mounted as 'dta' \(known: data, web:/data\)"),
        ({"web:/dta": "empty"}, "nothing is mounted as 'web:/dta'"),
        ({"data": "./nowhere"}, "nowhere is no folder that can be read"),
    ],
    ids=str,
)
def test_contents_of_what_is_not_there_are_mistakes(service, contents, message):
    with pytest.raises(Mistakes, match=message):
        service(DATA, more={"volumes": {"data": None}}, contents=contents)


def test_a_volume_in_memory_cannot_be_filled(service, tmp_path):
    (tmp_path / "seed").mkdir()
    with pytest.raises(Mistakes, match="data is in memory and cannot be filled"):
        service(DATA, more={"volumes": {"data": None}}, contents={"data": "./seed"}, sizes={"data": "1m"})


def test_names_with_dollars_are_files_like_others(service, tmp_path):
    (tmp_path / "a$b").mkdir()
    made, whole = service({"volumes": [bind(f"{tmp_path}/a$$b", read_only=True)]})
    assert made["volumes"][0]["source"] == f"{tmp_path}/a$$b"
    assert whole.read_only == {f"{tmp_path}/a$b"}


def test_volumes_without_a_name_get_one_and_our_label_where_one_container_has_them(service):
    anonymous = {"type": "volume", "target": "/cache", "volume": {}}
    made, whole = service({"volumes": [anonymous]})
    assert whole.content["volumes"][made["volumes"][0]["source"]] == {"labels": LABELS}
    assert service({"volumes": [anonymous], "scale": 2})[0]["volumes"] == [anonymous]


def test_configs_and_secrets_are_read_and_no_more(service, folder, tmp_path):
    more = {"secrets": {"s": {"name": "x", "file": str(folder / "kept.txt")}, "e": {"environment": "TOKEN"}}}
    _, whole = service({}, more={**more, "configs": {"c": {"name": "y", "content": "a$$b"}}})
    assert whole.content["secrets"] == {"s": {"file": str(folder / "kept.txt")}, "e": {"environment": "TOKEN"}}
    assert whole.content["configs"] == {"c": {"content": "a$$b"}}
    assert whole.read_only == {str(folder / "kept.txt")}
    with pytest.raises(Mistakes, match=r"secrets\.s\.file"):
        service({}, more={"secrets": {"s": {"file": str(tmp_path / "missing")}}})
