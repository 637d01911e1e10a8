"""A sweep removes what dead owners left, and never anything that it is not sure of."""

import os
import signal
import tempfile
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillbook.common.mistakes import Mistakes
from drillbook.doctor import engine
from drillbook.supervisor import ending, removal, sweep
from drillbook.supervisor.folder import folder_of
from drillbook.supervisor.owner import owner_of, read_owner
from drillbook.supervisor.sweeping import sweep_with
from drillbook.supervisor.things import listed

ALIVE = owner_of(os.getpid())
OTHER_BOOT = replace(ALIVE, boot="01234567-89ab-cdef-0123-456789abcdef")
RECYCLED = replace(ALIVE, started=ALIVE.started - 1)
NO_SUCH_PID = replace(ALIVE, pid=2**31)
ELSEWHERE = replace(NO_SUCH_PID, namespace=1)
DEAD = [str(owner) for owner in (OTHER_BOOT, RECYCLED, NO_SUCH_PID)]
NOT_DEAD = [str(ALIVE), str(ELSEWHERE)]
MALFORMED = ["", "me", "1:2:3", f"{ALIVE} ", f" {DEAD[0]}", f"{DEAD[1]}:1", DEAD[2].upper(), DEAD[0].replace(":", "::")]
MALFORMED += [f"{ALIVE.boot}:0{ALIVE.pid}:1:{ALIVE.namespace}", f"{ALIVE.boot}:-1:1:1", f"{ALIVE.boot}:{ALIVE.pid}"]

OWNERS = st.one_of(st.sampled_from([*DEAD, *NOT_DEAD, *MALFORMED]), st.text(max_size=8))
RUNS = st.one_of(st.sampled_from(["a-run-of-1", "a-run-of-2", "up:drillbook-shop", ""]), st.text(max_size=4))
NAMES = st.sampled_from(["a-run-of-1_data", "drillbook-shop-A-Run-Of-2-redis-1", "drillbook-shop-web-1", "theirs"])
KEYS = {"drillbook": RUNS, "drillbook.owner": OWNERS, "drillbook.owners": OWNERS, "com.example.owner": OWNERS}
LABELS = st.fixed_dictionaries({}, optional=KEYS)
THINGS = st.lists(st.tuples(st.sampled_from(["containers", "networks", "volumes"]), LABELS, NAMES), max_size=12)


class Engine:
    """An engine in memory, which understands labels as the real one does."""

    def __init__(self, things):
        self.things = {f"{number}-{thing[2]}": thing for number, thing in enumerate(things)}
        self.api = self

    def _list(self, kind, wanted):
        found = {id_: rest for id_, (kind_, *rest) in self.things.items() if kind_ == kind}
        return [
            {"Id": id_, "Name": id_ if kind == "volumes" else name, "Names": [f"/{name}"], "Labels": labels or None}
            for id_, (labels, name) in found.items()
            if all(_carries(labels, one) for one in wanted)
        ]

    def containers(self, *, all, filters):  # noqa: A002 (the SDK's name)
        assert all
        return self._list("containers", filters["label"])

    def networks(self, *, filters):
        return self._list("networks", filters["label"])

    def volumes(self, *, filters):
        return {"Volumes": self._list("volumes", filters["label"]) or None}

    def images(self, **_):
        return []

    def remove_container(self, id_, **_):
        del self.things[id_]

    remove_network = remove_volume = remove_image = remove_container


class Only:
    """The real engine, of which only what these tests made is seen: others work on it too."""

    def __init__(self, client, label):
        self.api = self
        self._api = client.api
        self._label = label

    def containers(self, *, all, filters):  # noqa: A002 (the SDK's name)
        return self._api.containers(all=all, filters={"label": [*filters["label"], self._label]})

    def networks(self, *, filters):
        return self._api.networks(filters={"label": [*filters["label"], self._label]})

    def volumes(self, *, filters):
        return self._api.volumes(filters={"label": [*filters["label"], self._label]})

    def images(self, *, filters):
        return self._api.images(filters={"label": [*filters["label"], self._label]})

    def __getattr__(self, name):
        return getattr(self._api, name)


def _carries(labels, wanted):
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)


def _may_go(labels, name):
    run, owner = labels.get("drillbook", ""), labels.get("drillbook.owner")
    return owner in DEAD and run in ("a-run-of-1", "a-run-of-2") and run in name.lower()


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """No pauses, and no folders but the test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(removal, "PAUSE", 0)
        patch.setattr(ending, "PAUSE", 0)
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
        yield


@settings(max_examples=60, deadline=None)
@given(things=THINGS)
def test_only_what_a_dead_owner_left_is_removed(quick, things):
    _holds(things)


@pytest.mark.proof
@settings(max_examples=1500, deadline=None)
@given(things=THINGS)
def test_only_what_a_dead_owner_left_is_removed_however_often_it_is_tried(quick, things):
    _holds(things)


def _holds(things):
    for number, owner in enumerate(DEAD):
        if len(things) > number:  # its folder is there, or not
            folder_of(read_owner(owner)).mkdir(exist_ok=True)
    fake, said = Engine(things), []
    count = sweep_with(fake, said.append)
    kept = [thing for thing in things if not _may_go(*thing[1:])]
    assert list(fake.things.values()) == kept
    assert count >= len(things) - len(kept)
    assert not any(folder_of(read_owner(owner)).exists() for owner in DEAD)
    assert len([line for line in said if line.startswith("removed ")]) == count


def test_what_is_malformed_or_elsewhere_is_left_and_said(quick):
    owners = (*MALFORMED, str(ELSEWHERE))
    things = [("volumes", {"drillbook": "a-run-of-1", "drillbook.owner": owner}, "a-run-of-1") for owner in owners]
    said = []
    assert sweep_with(Engine(things), said.append) == 0
    assert said == [
        *(f"left alone: volume {id_}-a-run-of-1: whether its owner lives cannot be told" for id_ in range(len(things))),
        "nothing to sweep",
    ]


def test_what_merely_carries_our_labels_is_left_and_said(quick):
    labels = {"drillbook": "a-run-of-1", "drillbook.owner": DEAD[0]}
    said = []
    assert sweep_with(Engine([("containers", labels, "their-debugging")]), said.append) == 0
    assert said == [
        "left alone: container their-debugging: it carries our labels, and is not named as what we make",
        "nothing to sweep",
    ]


def test_a_container_started_from_a_committed_one_of_ours_outlives_run_and_sweep(bench, armed):
    ours = bench.container(armed.labels, name=f"{armed.run}-one")
    repository = f"drillbook-test/{armed.run}"
    committed = ours.commit(repository)
    try:
        theirs = bench.client.containers.run(repository, ["86400"], entrypoint=["sleep"], detach=True)
        assert theirs.labels.items() >= armed.labels.items(), "labels travel with an image"
        done = armed.close(settled=True)
        assert f"container {ours.name}" in done.removed
        assert done.left == ()
        said = []
        sweep_with(Only(bench.client, bench.label), said.append)
        theirs.reload()
        assert theirs.status == "running"
        assert next(line for line in said if theirs.name in line).startswith("left alone: ")
        theirs.remove(force=True, v=True)
    finally:
        bench.client.images.remove(committed.id, force=True)


def test_folders_of_the_living_and_of_nobody_stay(quick):
    others = [folder_of(ALIVE), folder_of(ELSEWHERE), folder_of(ALIVE).with_name("drillbook-me-1-2-3")]
    for folder in others:
        folder.mkdir()
    linked = folder_of(OTHER_BOOT)
    linked.symlink_to(others[0])
    assert sweep_with(Engine([]), lambda _: None) == 0
    assert all(folder.is_dir() for folder in others)
    assert linked.is_symlink()
    linked.unlink()


def test_on_a_remote_engine_nothing_is_swept(monkeypatch):
    monkeypatch.setattr(engine, "connect", lambda: SimpleNamespace(api=None))
    monkeypatch.setattr(engine, "look", lambda: engine.Engine("tcp://10.0.0.7:2376", chosen=True, version="20"))
    with pytest.raises(Mistakes, match=r"the engine at tcp://10.0.0.7:2376 is not this machine's: run"):
        sweep(lambda _: None)


def test_where_run_and_supervisor_were_both_killed_a_sweep_removes_what_they_left(bench, temporary, started):
    lost, living = started("everything"), started("running")
    lost.reach()
    living.reach()
    bench.container({"drillbook": "up:shop", "drillbook.owner": lost.said["owner"]}, name=f"{lost.run}-up")
    bench.container({"drillbook": lost.run, "drillbook.owner": "me"}, name=f"{lost.run}-malformed")
    lost.kill_supervisor()
    lost.kill(signal.SIGKILL)
    lost.process.wait()
    left = [str(thing) for thing in listed(bench.client, f"drillbook.owner={lost.said['owner']}")]
    assert len(left) == 4  # a container, a network, a volume, and what says that it is `up`'s
    here, said = living.there(), []
    sweep_with(Only(bench.client, bench.label), said.append)
    assert lost.there() == [f"container {lost.run}-malformed"]
    assert living.there() == here
    assert {line for line in said if "left alone" in line} == {
        f"left alone: container {lost.run}-malformed: whether its owner lives cannot be told",
        f"left alone: container {lost.run}-up: it carries our labels, and is not named as what we make",
    }
    assert {f"removed {name}" for name in left if not name.endswith("-up")} < set(said)
