"""Everything with a label is removed, and what cannot be removed now is tried again and then named."""

import threading
import time
from types import SimpleNamespace

import pytest

from drillbook.supervisor import remove_labelled

RUN = "a-run-of-ours"
LABELS = {"drillbook": RUN}


class Api:
    """An engine that has one container, and problems."""

    def __init__(self, *, silent: int = 0, state: str = "running", late: int = 0) -> None:
        self.silent = silent
        self.state = state
        self.late = late  # so many times nothing is seen of it yet
        self.said = []

    def containers(self, **_):
        self.silent -= 1
        if self.silent >= 0:
            raise ConnectionError
        self.late -= 1
        there = self.state != "gone" and self.late < 0
        return [{"Id": "1", "Names": [f"/{RUN}-one"], "Labels": LABELS, "State": self.state}] if there else []

    def networks(self, **_):
        return []

    def volumes(self, **_):
        return {"Volumes": None}

    def images(self, **_):
        return []

    def unpause(self, _):
        self.said.append("unpause")
        self.state = "running"

    def remove_container(self, _, **__):
        self.said.append("remove")
        if self.state == "paused":
            raise RuntimeError("container is paused")
        self.state = "gone"

    remove_network = remove_volume = remove_image = None


def removed_by(api, **options):
    return remove_labelled(SimpleNamespace(api=api), f"drillbook={RUN}", **options)


def test_what_is_running_is_not_unpaused():
    api = Api()
    assert removed_by(api).removed == (f"container {RUN}-one",)
    assert api.said == ["remove"]


def test_an_engine_that_does_not_remove_what_is_paused_is_asked_to_unpause_it():
    api = Api(state="paused")
    assert removed_by(api).removed == (f"container {RUN}-one",)
    assert api.said == ["remove", "unpause", "remove"]


def test_an_engine_that_is_silent_for_a_moment_is_asked_again():
    assert removed_by(Api(silent=3)).removed == (f"container {RUN}-one",)


def test_an_engine_that_stays_silent_is_said_to_be():
    done = removed_by(Api(silent=10**6), deadline=0.3)
    assert done.left == ("whatever carries the label drillbook=a-run-of-ours: the engine said ConnectionError",)


def test_what_turns_up_while_all_is_quiet_is_removed_too():
    assert removed_by(Api(late=1), quiet=1).removed == (f"container {RUN}-one",)
    assert removed_by(Api(late=1), quiet=0).removed == ()


class Busy(Api):
    """An engine that has five containers, and notes how many of them it removes at the same time."""

    def __init__(self):
        super().__init__()
        self.there = [str(number) for number in range(5)]
        self.at_once = []

    def containers(self, **_):
        return [{"Id": one, "Names": [f"/{RUN}-{one}"], "Labels": LABELS, "State": "running"} for one in self.there]

    def remove_container(self, id_, **__):
        self.said.append("remove")
        self.at_once.append(len(self.said))
        time.sleep(0.02)
        self.said.pop()
        self.there.remove(id_)


def test_containers_leave_their_network_one_after_the_other():
    api = Busy()
    assert len(removed_by(api).removed) == 5
    assert api.at_once == [1] * 5


@pytest.mark.parametrize("labels", [(), ("",), ("drillbook=x", "")])
def test_without_a_label_nothing_is_removed(labels):
    with pytest.raises(ValueError, match="a label is needed"):
        remove_labelled(SimpleNamespace(api=Api()), *labels)


def test_a_network_in_use_by_somebody_else_is_left_and_named_and_their_container_runs_on(bench):
    run = bench.name()
    network = bench.client.networks.create(run, labels={"drillbook": run, "drillbook.test": bench.test})
    theirs = bench.container(network=run)
    done = remove_labelled(bench.client, f"drillbook={run}", deadline=0.5)
    assert done.removed == ()
    assert len(done.left) == 1
    assert done.left[0].startswith(f"network {run} (")
    theirs.reload()
    assert theirs.status == "running"
    leaving = threading.Timer(0.5, lambda: network.disconnect(theirs))
    leaving.start()
    assert remove_labelled(bench.client, f"drillbook={run}", deadline=20).removed == (f"network {run}",)
    leaving.join()


def test_a_value_that_only_begins_alike_is_not_the_label(bench):
    run = bench.name()
    kept = bench.container({"drillbook": f"{run}0"}, name=f"{run}0-one")
    gone = bench.container({"drillbook": run}, name=f"{run}-one")
    assert remove_labelled(bench.client, f"drillbook={run}").removed == (f"container {gone.name}",)
    kept.reload()
    assert kept.status == "running"
