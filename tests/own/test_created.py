"""The proof on what was created: whatever reaches what is not the copy's own is seen, and what is ours is fine."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest

from drillbook.stack.created import Bounds, Own, against, violations

ANONYMOUS = "0" * 64
OWN = Own({"us", "us-too"}, {"ours", "ours-id"}, {"our-data"}, {"f" * 64})
BOUNDS = Bounds("a-run", {"/srv/site"}, "/private/run")
HOST = {"NetworkMode": "ours", "PidMode": "", "IpcMode": "private", "Runtime": "runc", "SecurityOpt": None}
FINE = {
    "Id": "us",
    "Name": "/shop-web-1",
    "Config": {"Volumes": {"/cache": {}}},
    "HostConfig": {**HOST, "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "20080"}]}},
    "NetworkSettings": {"Networks": {"ours": {"NetworkID": "ours-id"}}},
    "Mounts": [
        {"Type": "volume", "Name": "our-data", "Driver": "local", "Destination": "/data", "RW": True},
        {"Type": "volume", "Name": ANONYMOUS, "Driver": "local", "Destination": "/cache", "RW": True},
        {"Type": "bind", "Source": "/srv/site", "Destination": "/site", "RW": False},
        {"Type": "bind", "Source": "/private/run/files/x", "Destination": "/x", "RW": True},
        {"Type": "tmpfs", "Destination": "/tmp", "RW": True},
    ],
}
MOUNTS = {
    "a volume of the user's": {"Type": "volume", "Name": "theirs", "Driver": "local", "Destination": "/d", "RW": True},
    "a volume that is read": {"Type": "volume", "Name": "theirs", "Driver": "local", "Destination": "/d", "RW": False},
    "a volume elsewhere": {"Type": "volume", "Name": "our-data", "Driver": "nfs", "Destination": "/d", "RW": True},
    "a volume without a name that nobody declared":
        {"Type": "volume", "Name": ANONYMOUS, "Driver": "local", "Destination": "/d", "RW": True},
    "a volume without a name that others hold":
        {"Type": "volume", "Name": "f" * 64, "Driver": "local", "Destination": "/cache", "RW": True},
    "a folder that is written to": {"Type": "bind", "Source": "/srv/site", "Destination": "/s", "RW": True},
    "a folder that nobody allowed": {"Type": "bind", "Source": "/srv", "Destination": "/s", "RW": False},
    "a folder below one that is allowed": {"Type": "bind", "Source": "/srv/site/x", "Destination": "/s", "RW": False},
    "the engine's socket": {"Type": "bind", "Source": "/run/docker.sock", "Destination": "/s", "RW": False},
    "a way out of our folder": {"Type": "bind", "Source": "/private/run/../x", "Destination": "/s", "RW": True},
    "another kind": {"Type": "npipe", "Source": "x", "Destination": "/s", "RW": True},
}  # fmt: skip
SETTINGS = {
    "Privileged": True,
    "PidMode": "host",
    "IpcMode": "host",
    "UTSMode": "host",
    "UsernsMode": "host",
    "NetworkMode": "host",
    "CgroupParent": "/x",
    "Devices": [{"PathOnHost": "/dev/fuse"}],
    "DeviceRequests": [{"Count": -1}],
    "DeviceCgroupRules": ["c 1:3 mr"],
    "CapAdd": ["SYS_ADMIN"],
    "SecurityOpt": ["seccomp=unconfined"],
    "MaskedPaths": [],
    "Runtime": "nvidia",
    "VolumesFrom": ["theirs:rw"],
    "VolumeDriver": "rexray",
    "RestartPolicy": {"Name": "always"},
    "PublishAllPorts": True,
    "PortBindings": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}]},
}


def changed(**more):
    return {**copy.deepcopy(FINE), **more}


def test_what_is_the_copys_own_is_fine():
    assert list(against(FINE, OWN, BOUNDS)) == []


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
def test_a_mount_of_anything_else_is_seen(mount):
    (line,) = against(changed(Mounts=[mount]), OWN, BOUNDS)
    assert "which is not the copy's own" in line


@pytest.mark.parametrize(("key", "value"), SETTINGS.items())
def test_a_setting_that_reaches_out_is_seen(key, value):
    assert list(against(changed(HostConfig={**HOST, key: value}), OWN, BOUNDS)) != []


@pytest.mark.parametrize("key", ["PidMode", "IpcMode", "NetworkMode"])
def test_what_is_shared_among_us_is_fine_and_with_strangers_not(key):
    assert list(against(changed(HostConfig={**HOST, key: "container:us-too"}), OWN, BOUNDS)) == []
    assert list(against(changed(HostConfig={**HOST, key: "container:them"}), OWN, BOUNDS)) != []


@pytest.mark.parametrize(
    "networks", [{"theirs": {"NetworkID": "x"}}, {"ours": {"NetworkID": "namesake"}}, {"bridge": {}}]
)
def test_another_network_is_seen_also_under_our_name(networks):
    (line,) = against(changed(NetworkSettings={"Networks": networks}), OWN, BOUNDS)
    assert "which is not the copy's own" in line


def test_the_engine_is_asked_for_what_carries_our_label():
    asked = []

    def said(**filters):
        asked.append(filters["filters"])
        return {"Volumes": [{"Name": "our-data"}]} if len(asked) == 2 else []

    api = SimpleNamespace(networks=said, volumes=said, containers=said)
    (line,) = violations(SimpleNamespace(api=api), [SimpleNamespace(attrs=changed(NetworkSettings={}))], BOUNDS)
    assert asked[:2] == [{"label": ["drillbook=a-run"]}] * 2
    assert line == "shop-web-1 is on network ours, which is not the copy's own"


@pytest.mark.parametrize(
    ("options", "fine"),
    [
        (None, True),
        ({"type": "tmpfs", "device": "tmpfs", "o": "size=1m,mode=700"}, True),
        ({"type": "tmpfs", "device": "/srv/theirs", "o": "bind"}, False),
        ({"type": "none", "device": "/srv/theirs", "o": "bind"}, False),
    ],
)
def test_a_volume_that_carries_our_label_is_ours_unless_its_options_make_it_a_folder(options, fine):
    volume = {"Name": "our-data", "Options": options}
    api = SimpleNamespace(
        networks=lambda **_: [{"Id": "ours-id", "Name": "ours"}],
        volumes=lambda **_: {"Volumes": [volume]},
        containers=lambda **_: [],
    )
    found = violations(SimpleNamespace(api=api), [SimpleNamespace(attrs=changed(Mounts=FINE["Mounts"][:1]))], BOUNDS)
    assert (found == []) is fine
