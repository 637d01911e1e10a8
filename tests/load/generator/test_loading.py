"""Files that cannot be run: each mistake in one line with the next step, and nothing like a traceback."""

import json
import subprocess
import sys

import pytest

HEAD = '"""A busy hour.\n\nRunbooks: API Latency.\n"""\n'
IMPORTS = "from drillbook import LoadProfile, Ramp\nfrom drillbook.arrivals import Visitor, task\n"
ASKED = 'HOUR = LoadProfile(runbook="API Latency", arrivals=(Ramp(to=2, seconds=3),), held_to=("api.p95",))\n'
VISITOR = 'class Shopper(Visitor):\n    @task\n    def browse(self):\n        self.client.get("/")\n'
GOOD = HEAD + IMPORTS + ASKED + VISITOR
BODY = '        self.client.get("/")\n'
FILES = {
    "good": GOOD,
    "json": GOOD.replace(IMPORTS, "from __future__ import annotations\nfrom dataclasses import dataclass\n" + IMPORTS)
    + "@dataclass\nclass Deal:\n    number: int = 7\n",
    "abstract_base": GOOD + "class Base(Visitor):\n    abstract = True\n",
    "two_visitors": GOOD + VISITOR.replace("Shopper", "Buyer"),
    "no_such_module": "import nothing_like_it\n" + GOOD,
    "syntax": GOOD + "def (:\n",
    "fails_on_import": GOOD + "1 / 0\n",
    "exits_on_import": GOOD + "import sys\nsys.exit('off')\n",
    "wrong_word": GOOD.replace("held_to", "held"),
    "wrong_number": GOOD.replace("to=2", "to=-2"),
    "no_profile": HEAD + IMPORTS + VISITOR,
    "two_profiles": GOOD + ASKED.replace("HOUR", "DAY"),
    "nobody": HEAD + IMPORTS + ASKED,
    "no_tasks": GOOD.replace("    @task\n", ""),
    "weightless": GOOD + "    weight = 0\n",
    "makes_itself": GOOD + "    def __init__(self, environment):\n        super().__init__(environment)\n",
    "nested": GOOD + "    from locust import TaskSet\n    @task\n    class Steps(TaskSet):\n        pass\n",
    "asynchronous": GOOD.replace("    def browse", "    async def browse"),
    "locusts_own": GOOD + "from locust import FastHttpUser\nclass User(FastHttpUser):\n    pass\n",
    "everything": HEAD + IMPORTS + "class Shopper(Visitor):\n    weight = -1\n",
}
SAID = {
    "no_such_module": ":1: ModuleNotFoundError: No module named 'nothing_like_it': put it right, and look with: ",
    "syntax": ":12: SyntaxError: invalid syntax",
    "fails_on_import": ":12: ZeroDivisionError: division by zero: put it right",
    "exits_on_import": ":13: SystemExit: off: put it right",
    "wrong_word": ":7: TypeError: LoadProfile.__init__() got an unexpected keyword argument 'held': put it right",
    "wrong_number": ":7: Ramp(to=-2): it is arrivals a second, 0 or more",
    "no_profile": ": there is no LoadProfile in it: NAME = LoadProfile(",
    "two_profiles": ": HOUR, DAY: one LoadProfile a file: move the others to files of their own",
    "nobody": ": there is nobody in it who visits: class Shopper(Visitor)",
    "no_tasks": ": Shopper has no tasks: mark its functions with @task",
    "weightless": ": Shopper.weight is 0: it is a number above 0",
    "makes_itself": ": Shopper.__init__: say what comes first in on_start(self) instead",
    "nested": ": Shopper.Steps is no function: tasks are functions, not classes of tasks",
    "asynchronous": ": Shopper.browse is async and would ask nothing: write def instead of async def",
    "locusts_own": ": User is one of Locust's users and would not be run: class Shopper(Visitor)",
}
PROGRAM = """
import json, sys
from pathlib import Path
from drillbook.load.generator.loading import load
from drillbook.common.mistakes import Mistakes

for path in map(Path, sys.argv[1:]):
    try:
        found = load(path).facts()
    except Mistakes as mistakes:
        found = mistakes.lines
    print(json.dumps([path.stem, found]))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What each of the files comes to, read in one process: importing Locust patches the process and takes long."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "load").mkdir()
    for name, text in FILES.items():
        (folder / "load" / f"{name}.py").write_text(text)
    command = [sys.executable, "-c", PROGRAM, *(f"load/{name}.py" for name in FILES)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines())


def test_a_good_file_says_what_it_is(found):
    assert found["good"] == {
        "name": "HOUR",
        "about": "A busy hour.",
        "runbook": "API Latency",
        "arrivals": [{"to": 2, "seconds": 3}],
        "held_to": ["api.p95"],
        "served": 0.9,
        "seconds": 3.0,
        "asked": 3,
        "peak": 2,
        "visitors": ["Shopper"],
    }


def test_a_file_may_be_called_like_a_module_and_declare_what_it_likes(found):
    assert found["json"]["name"] == "HOUR"


def test_several_visitors_and_a_base_for_them_are_good_too(found):
    assert found["abstract_base"]["visitors"] == ["Shopper"]
    assert found["two_visitors"]["visitors"] == ["Shopper", "Buyer"]


@pytest.mark.parametrize("name", SAID)
def test_a_mistake_is_one_line_with_the_next_step(found, name):
    (line,) = found[name]
    assert line.startswith(f"load/{name}.py{SAID[name]}")
    assert "\n" not in line


def test_all_mistakes_of_a_file_are_told_together(found):
    assert len(found["everything"]) == 3
