"""A canary in every form of address and header: whatever happens in a run, nobody who reads its output has seen it."""

from __future__ import annotations

from contextlib import suppress

import psycopg
import pytest
import redis

LOUD = ("-vv", "--tb=long", "-l", "-s", "-ra", "--durations=0")
# Whatever else a user asks pytest for.
MODES = {
    "loud": LOUD,
    "quiet": ("-q", "--tb=native"),
    "captured": ("-vv", "--tb=long", "--showlocals", "-rA", "--junitxml=own.xml", "--log-file=own.log"),
    "workers": ("-n", "2", "-vv", "-l", "-s", "--tb=long", "-rA"),
    "first failure": ("-x", "--tb=auto", "--full-trace", "-o", "log_cli=true"),
    "line": ("--tb=line", "--capture=tee-sys", "-rA"),
}
TELL = 'TOLD = " ".join(value for name, value in os.environ.items() if name.startswith("CANARY_"))\n'


def leaks(project, forms, said):
    """Which forms' canaries are in what was said, or in a file that the run wrote, and where."""
    texts = {"terminal": said}
    for path in [*project.root.glob("reports/**/*"), *project.root.glob("own.*")]:
        if path.is_file():
            texts[path.name] = path.read_text(errors="replace")
    begun = (project.root / "reports").exists()
    assert {"journal.jsonl", "summary.md", "index.html", "junit.xml"} <= set(texts) or not begun
    return [
        (where, form.template, runs[:3])
        for where, text in texts.items()
        for form in forms.forms()
        if (runs := forms.seen(form, text))
    ]


def test_thirty_forms_are_tried(forms):
    assert len(forms.forms()) >= 30
    assert len({form.canary for form in forms.forms()}) == len(forms.forms())


@pytest.mark.parametrize("mode", ["loud", "workers"])
def test_no_secret_is_told_by_a_run(canary_project, forms, mode):
    project = canary_project()
    ran = project.pytest("checks", "--target", "canary@local", *MODES[mode])
    assert ran.code == 1, ran.said[-3000:]
    assert leaks(project, forms, ran.said) == []
    assert len([line for line in project.journal() if line["kind"] == "verdict"]) > 60


@pytest.mark.proof
@pytest.mark.parametrize("state", ["", "down", "mute", "echo", "postgres", "redis"])
@pytest.mark.parametrize("mode", MODES)
def test_no_secret_is_told_whoever_answers_and_however_it_is_shown(canary_project, forms, mode, state):
    project = canary_project(state)
    ran = project.pytest("checks", "--target", "canary@local", *MODES[mode])
    assert ran.code in (1, 11), ran.said[-3000:]
    assert leaks(project, forms, ran.said) == []


@pytest.fixture(scope="module")
def real(start_container, until):
    """The ports of a real PostgreSQL and a real Redis that know none of the passwords."""
    _, database = start_container(
        "POSTGRES", port=5432, environment={"POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "x"}
    )
    _, cache = start_container("REDIS", "redis-server", "--requirepass", "another", port=6379)

    def is_ready():
        with (
            suppress(psycopg.OperationalError, redis.ConnectionError),
            redis.Redis.from_url(f"redis://:another@{cache}") as one,
        ):
            psycopg.connect(f"postgresql://shop:x@{database}/shop", connect_timeout=2).close()
            return one.ping()
        return False

    until(is_ready)
    return {"postgres": int(database.rpartition(":")[2]), "redis": int(cache.rpartition(":")[2])}


@pytest.mark.proof
@pytest.mark.parametrize("mode", ["loud", "workers"])
def test_no_secret_is_told_by_real_servers_that_refuse_the_login(canary_project, forms, real, mode):
    project = canary_project(**real)
    ran = project.pytest("checks", "--target", "canary@local", *MODES[mode])
    assert ran.code == 1, ran.said[-3000:]
    assert "password authentication failed" in ran.said
    assert "login refused for service28: check $CANARY_28" in ran.said
    assert leaks(project, forms, ran.said) == []


@pytest.mark.parametrize("how", [(), pytest.param(("-n", "2"), marks=pytest.mark.proof)], ids=["alone", "workers"])
def test_no_secret_is_told_by_a_file_that_cannot_be_collected(canary_project, forms, how):
    project = canary_project("down", every=4)
    project.write("checks/test_all.py", f"import os\n{TELL}print(TOLD)\nraise RuntimeError(TOLD)\n")
    ran = project.pytest("checks", "--target", "canary@local", "-vv", "--tb=long", "-l", "-s", *how)
    assert ran.code == 2
    assert "RuntimeError" in ran.said
    assert leaks(project, forms, ran.said) == []


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["alone", "workers"])
def test_no_secret_is_told_where_pytest_itself_breaks(canary_project, forms, how):
    project = canary_project("down", every=4)
    project.write(
        "checks/conftest.py", f"import os\n{TELL}def pytest_runtest_protocol(item):\n    raise RuntimeError(TOLD)\n"
    )
    ran = project.pytest("checks", "--target", "canary@local", "-l", *how)
    assert ran.code == 3
    assert "INTERNALERROR> " in ran.said
    assert leaks(project, forms, ran.said) == []


def test_no_secret_is_told_by_a_conftest_that_cannot_be_imported(canary_project, forms):
    project = canary_project("down", every=4)
    project.write("checks/conftest.py", f"import os\n{TELL}print(TOLD)\nraise RuntimeError(TOLD)\n")
    ran = project.pytest("checks", "--target", "canary@local", "-s")
    assert ran.code == 4
    assert "RuntimeError" in ran.said
    assert leaks(project, forms, ran.said) == []


@pytest.mark.parametrize("how", [("--collect-only",), ("-n", "2")], ids=["alone", "workers"])
def test_a_secret_in_a_tests_id_is_refused_and_not_told(canary_project, forms, how):
    project = canary_project("down", every=4)
    project.write(
        "checks/test_all.py",
        f"import os, pytest\n{TELL}@pytest.mark.parametrize('x', TOLD.split())\ndef test_x(x): assert x\n",
    )
    ran = project.pytest("checks", "--target", "canary@local", "-vv", *how)
    assert "checks/test_all.py::test_x[***]: a secret is part of this test's id: give its values" in ran.said
    assert ran.code == 4
    assert leaks(project, forms, ran.said) == []


PROFILE = """
\"\"\"Somebody who tells.\"\"\"

import os
import sys

from drillbook import LoadProfile, Ramp
from drillbook.arrivals import Visitor, task

TOLD = " ".join(value for name, value in os.environ.items() if name.startswith("CANARY_"))
print(TOLD, file=sys.stderr)
AT_IMPORT
TELLER = LoadProfile(runbook="none", arrivals=(Ramp(to=5, seconds=1),), held_to=("api.errors",))


class Teller(Visitor):
    @task
    def tell(self):
        self.client.get("/json", name="/json")
        raise RuntimeError(TOLD)
"""


@pytest.mark.parametrize(
    "crash", [pytest.param("", marks=pytest.mark.proof), "raise RuntimeError(TOLD)"], ids=["runs", "import"]
)
def test_no_secret_is_told_by_a_profile(canary_project, forms, crash):
    project = canary_project("echo", every=4)
    project.write("load/teller.py", PROFILE.replace("AT_IMPORT", crash))
    ran = project.pytest("load", "--target", "canary@local", "--confirm", "load canary@local", "-vv", "--tb=long", "-s")
    assert ("RuntimeError" if crash else "api.errors") in ran.said
    assert ran.code in (1, 11), ran.said[-3000:]
    assert leaks(project, forms, ran.said) == []
