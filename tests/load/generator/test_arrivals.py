"""Who comes and what for: by the weights of visitors and tasks, and the same in every run."""

import json
import subprocess
import sys

import pytest

FILE = """
from drillbook import LoadProfile, Ramp
from drillbook.arrivals import Visitor, task

HOUR = LoadProfile(runbook="x", arrivals=(Ramp(to=100, seconds=100), Ramp(to=100, seconds=50)), held_to=("api.p95",))

class Shopper(Visitor):
    weight = 3

    @task(9)
    def browse(self):
        pass

    @task
    def look(self):
        pass

class Robot(Visitor):
    @task
    def index(self):
        pass
"""
PROGRAM = """
import json, sys
from pathlib import Path
from drillbook.load.generator.arrival import arrivals
from drillbook.load.generator.loading import load

both = [list(arrivals(load(Path(sys.argv[1])), 1000.0)) for _ in range(2)]
print(json.dumps([[(it.due, it.ready, it.kind.__name__, it.name) for it in each] for each in both]))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The arrivals of a profile, taken twice: due, ready, visitor, task."""
    path = tmp_path_factory.mktemp("load") / "hour.py"
    path.write_text(FILE)
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("kind", "name", "share"),
    [("Shopper", "task browse", 0.675), ("Shopper", "task look", 0.075), ("Robot", "task index", 0.25)],
)
def test_they_come_by_weight(found, kind, name, share):
    arrivals = found[0]
    assert sum(it[2:] == [kind, name] for it in arrivals) / len(arrivals) == pytest.approx(share, abs=0.02)


def test_they_come_in_the_same_order_every_time(found):
    assert found[0] == found[1]
    assert len(found[0]) == 10_000


def test_each_could_begin_when_it_is_due(found):
    assert all(due == ready >= 1000 for due, ready, *_ in found[0])
