"""A kind of service is one folder: a TCP port, added from the text of CONTRIBUTING.md alone."""

import re
import socket

import pytest

SYSTEM = """
[system]
name = "doors"
[services.front]
kind = "tcp"
url = { env = "FRONT" }
[services.back]
kind = "tcp"
url = { env = "BACK" }
[limits."tcp.up(back)"]
medium = "no"
[environments.local]
kind = "local"
"""
BLOCK = re.compile(r"^```\w+ (kinds/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def doors(project):
    """A project with two ports to ask, a kind of its own and the check for what kinds ask."""
    for path, text in BLOCK.findall((project.checkout / "CONTRIBUTING.md").read_text()):
        project.write(path, text)
    project.write("systems/doors/system.toml", SYSTEM)
    project.write("checks/test_kinds.py", (project.checkout / "checks" / "test_kinds.py").read_text())
    with socket.create_server(("127.0.0.1", 0)) as front, socket.create_server(("127.0.0.1", 0)) as back:
        project.sockets = {"FRONT": front, "BACK": back}
        project.environ |= {name: f"tcp://127.0.0.1:{one.getsockname()[1]}" for name, one in project.sockets.items()}
        yield project


def run(doors, *arguments):
    return doors.pytest("checks", "--target", "doors@local", "--interval", "0.1", *arguments)


@pytest.mark.parametrize("how", [(), ("-n", "2")])
def test_a_port_that_listens_is_ok(doors, how):
    ran = run(doors, *how)
    assert ran.code == 0, ran.said
    assert doors.verdicts() == {
        f"{name}({service})": "OK" for name in ("tcp.up", "tcp.connect_time") for service in ("front", "back")
    }


def test_a_closed_port_is_breached_at_the_severity_of_its_limit(doors):
    for one in doors.sockets.values():
        one.close()
    ran = run(doors)
    assert ran.code == 1, ran.said
    assert "CRITICAL tcp.up(front): no, connection refused" in ran.said
    assert "MEDIUM tcp.up(back): no, connection refused" in ran.said
    assert doors.verdicts()["tcp.connect_time(front)"] == "UNKNOWN"
    checks = {line["check"] for line in doors.journal() if line["kind"] == "verdict"}
    assert "checks/test_kinds.py::test_what_its_kind_asks[front-tcp.up]" in checks


def test_its_noun_is_a_fixture_and_its_limits_are_known(doors):
    doors.write("checks/test_own.py", "def test_front(tcp, judge):\n    judge('tcp.up', tcp.answers())\n")
    fixtures = run(doors, "--fixtures").said
    assert "Each TCP port." in fixtures
    assert "Each Redis server." in fixtures
    assert run(doors, "-k", "test_own").code == 0
    doors.edit("systems/doors/system.toml", "tcp.up(back)", "tcp.upp")
    assert "nothing is judged by that name: did you mean tcp.up" in run(doors).said


def test_the_houses_limits_go_before_those_of_a_kind(doors):
    doors.sockets["FRONT"].close()
    house = (doors.root / "systems" / "house.toml").read_text()
    doors.write("systems/house.toml", f'{house}\n[limits."tcp.up"]\nlow = "no"\n')
    assert "LOW tcp.up(front)" in run(doors).said


def test_what_no_check_asks_is_unknown(doors):
    check = "def test_soon(tcp, judge):\n    judge('tcp.connect_time', tcp.connect_time())\n"
    doors.write("checks/test_kinds.py", check)
    doors.edit("systems/doors/system.toml", 'tcp.up(back)"]\nmedium', 'tcp.up"]\ncritical')
    ran = run(doors)
    assert ran.code == 11, ran.said
    assert 'add a check that takes tcp and calls judge("tcp.up", …) to checks/' in ran.said


def test_a_system_without_such_a_service_says_so(doors):
    doors.write("systems/doors/system.toml", SYSTEM.replace('"tcp"', '"redis"').replace("tcp.", "redis."))
    ran = run(doors)
    assert "doors has no service of a kind that brings its checks along" in ran.said


def test_a_mistake_in_its_table_is_named_with_its_place(doors):
    doors.edit("systems/doors/system.toml", '[services.back]\nkind = "tcp"\nurl', '[services.back]\nkind = "tcp"\nuri')
    ran = run(doors)
    assert ran.code == 4
    assert "services.back.uri: unknown key: did you mean url?" in ran.said
