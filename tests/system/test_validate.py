"""`drillbook validate` reads system files and asks nobody: what is right has a line, what is wrong those of a run."""

from __future__ import annotations

import pytest

SHOP = """
[system]
name = "shop"
[services.web]
kind = "http"
url = { env = "SHOP_URL" }
health = { path = "/health" }
[services.cache]
kind = "redis"
url = { env = "SHOP_REDIS_URL" }
[services.cloud]
kind = "aws"
alarms = ["errors"]
[limits."redis.memory"]
unit = "%"
high = "> 95"
[environments.staging]
kind = "staging"
[environments.production]
kind = "production"
"""
RIGHT = "systems/shop/system.toml: ok ("
NO_BOTO3 = """
import sys
sys.modules["boto3"] = sys.modules["docker"] = None
"""


STACK = """
[stack]
compose = "compos.yaml"
[environments.local]
kind = "local"
[environments.staging]"""


def write_tcp(project):
    """A kind of the project's own."""
    project.write("kinds/tcp/__init__.py", (
        "from drillbook.system.kinds import Kind\n"
        'KIND = Kind(__name__, "tcp", "Ports.", "TcpService", "Tcp", "tcp.up", ("tcp",))\n'
    ))  # fmt: skip
    project.write(
        "kinds/tcp/table.py", "from drillbook.system.services import Service\nclass TcpService(Service): pass\n"
    )


@pytest.fixture
def shop(project):
    """A project with one system, none of whose addresses are set."""
    project.write("systems/shop/system.toml", SHOP)
    return project


def test_a_file_that_is_right_is_said_to_be_with_what_it_says(shop):
    ran = shop.drillbook("validate")
    assert ran.code == 0, ran.said
    assert ran.said.startswith(RIGHT)
    assert "limits on 3 services, environments: staging, production)" in ran.said


def test_it_needs_neither_docker_nor_what_only_some_kinds_need(shop):
    shop.write("bare/sitecustomize.py", NO_BOTO3)
    environ = {"PYTHONPATH": str(shop.root / "bare"), "PATH": "/nonexistent", "DOCKER_HOST": "tcp://127.0.0.1:1"}
    ran = shop.drillbook("validate", environ=environ, cold=True)
    assert (ran.code, ran.said.startswith(RIGHT)) == (0, True), ran.said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "redis"', 'kind = "redis"\ndeadlin = "3s"', "services.cache.deadlin: unknown key"),
        ('"redis.memory"', '"redis.memmory"', "nothing is judged by that name: did you mean redis.memory or"),
        ('kind = "redis"', 'kind = "celery"\nbroker = "web"', "services.cache.url: unknown key"),
        ('unit = "%"', 'unit = "MB"', "redis.memory is measured in %, not in MB"),
        ("[environments.staging]", "[environments.drill]", "environments.drill: drills make their own"),
        ('name = "shop"', 'name = "mall"', "system.name: is 'mall', but the folder is called 'shop'"),
        ("[limits", '[limits."tls.days_left"]\nhigh = "no"\n[limits', "tls.days_left"),
        ("[limits", '[limits."tls.days_left(web)"]\nunit = "weeks"\nhigh = "< 1"\n[limits', "in days, not in weeks"),
        ("[limits", "[ledgers.x]\nwrite.service = 'y'\n[limits", "ledgers.x"),
    ],
)
def test_what_is_wrong_is_said_as_a_run_says_it(shop, old, new, words):
    shop.edit("systems/shop/system.toml", old, new)
    ran = shop.drillbook("validate")
    assert (ran.code, words in ran.said) == (4, True), ran.said
    assert all(line.startswith("drillbook: systems/shop/system.toml:") for line in ran.said.splitlines())
    assert ": ok" not in ran.said


def test_whoever_reads_a_file_says_the_same_of_it(shop):
    shop.edit("systems/shop/system.toml", 'name = "shop"', 'nam = "shop"')
    shop.edit("systems/shop/system.toml", 'kind = "redis"', 'kind = "redis"\nroles = "cache"')
    shop.edit("systems/shop/system.toml", '"redis.memory"', "redis.memory")
    said = {
        'systems/shop/system.toml:2: system.name: is missing: write name = "shop"',
        "systems/shop/system.toml:3: system.nam: unknown key: did you mean name?",
        """systems/shop/system.toml:10: services.cache.roles: is text: write a list: ["…", "…"], """
        'as in roles = ["api"]',
        """systems/shop/system.toml:15: limits.redis.memory: write the name in quotes: [limits."redis.memory"]""",
    }
    for folder in ("checks", "chaos", "load"):
        shop.write(f"{folder}/test_nothing.py", "")
    runs = [
        shop.drillbook("validate"),
        shop.drillbook("explain", "redis.memory", "--target", "shop"),
        shop.drillbook("up", "shop"),
        shop.pytest("checks", "--target", "shop@staging"),
        shop.pytest("chaos", "--target", "shop"),
        shop.pytest("load", "--target", "shop@staging"),
    ]
    assert [ran.code for ran in runs] == [4] * len(runs), [ran.said for ran in runs]
    assert [lines(ran) for ran in runs] == [said] * len(runs)


@pytest.mark.parametrize("path", ["systems/house.toml", "kinds/tcp/limits.toml"])
def test_mistakes_in_the_files_of_the_house_and_of_a_kind_have_their_lines_too(shop, path):
    write_tcp(shop)
    shop.write(path, '[limits."tcp.up"]\nhigh = "no"\n\n[limits."tcp.time"]\nunit = "ms"\nhigh = 5\n')
    ran = shop.drillbook("validate")
    wrong = f'{path}:6: limits.tcp.time.high: is a number: write text in quotes, as in high = "> 90"'
    assert (ran.code, lines(ran)) == (4, {wrong})
    shop.write(path, '[limits."tcp.up"]\nhigh = "no"\n[limits."tcp.up"]\n')
    ran = shop.drillbook("validate")
    assert (ran.code, lines(ran)) == (
        4,
        {f"{path}:3: is not TOML: limits.tcp.up stands in line 1 already: put all of it there"},
    )


def test_a_compose_file_that_is_not_there_is_said_before_anything_is_started(shop):
    shop.edit("systems/shop/system.toml", "[environments.staging]", STACK)
    wrong = f"systems/shop/system.toml:19: stack.compose: there is no file {shop.root}/systems/shop/compos.yaml"
    for ran in (shop.drillbook("validate"), shop.drillbook("up", "shop")):
        assert ran.code == 4
        assert f"{wrong}: write its path from the folder of this file" in lines(ran)


def test_what_a_copy_needs_of_a_file_is_said_with_a_line_too(shop):
    shop.write("chaos/test_nothing.py", "")
    missing = "systems/shop/system.toml:1: stack: is missing: "
    assert lines(shop.drillbook("up", "shop")) == {f"{missing}`drillbook up` needs [stack]"}
    assert lines(shop.pytest("chaos", "--target", "shop")) == {f"{missing}a drill needs a table [stack]"}
    shop.edit("systems/shop/system.toml", "[environments.staging]", STACK.replace("local", "production"))
    shop.edit("systems/shop/system.toml", '[environments.production]\nkind = "production"\n', "")
    wanted = "systems/shop/system.toml:20: environments.local: is missing: `drillbook up` needs [environments.local]"
    assert lines(shop.drillbook("up", "shop")) == {wanted}


def lines(ran):
    """The lines that a command ends with, without who says them."""
    said = (line.removeprefix("drillbook: ").removeprefix("ERROR: ") for line in ran.said.splitlines())
    return {line for line in said if line}


def test_those_that_are_right_are_said_beside_those_that_are_not(shop):
    shop.write("systems/mall/system.toml", SHOP.replace('"shop"', '"mall"').replace('"> 95"', '"95"'))
    ran = shop.drillbook("validate")
    assert ran.code == 4
    assert RIGHT in ran.said
    assert "systems/mall/system.toml:16: limits.redis.memory.high: '95' is no condition" in ran.said
    assert shop.drillbook("validate", "shop").code == 0


def test_one_that_there_is_not_and_none_at_all_are_mistakes(project):
    ran = project.drillbook("validate")
    assert (ran.code, "there is no system: write systems/NAME/system.toml" in ran.said) == (4, True), ran.said
    ran = project.drillbook("validate", "shop")
    assert (ran.code, "no system is called 'shop' (known: none)" in ran.said) == (4, True), ran.said


def test_it_reads_the_kinds_of_the_project_too(shop):
    write_tcp(shop)
    shop.edit("systems/shop/system.toml", 'kind = "aws"\nalarms = ["errors"]', 'kind = "tcp"')
    ran = shop.drillbook("validate")
    assert (ran.code, ran.said.startswith(RIGHT)) == (0, True), ran.said


ITEM = """
[SH-C01]
kind = "check"
section = "Cache"
what = "The cache answers."
"""
STATE = """
[states.cache_gone]
do = [{ stop = "cache" }]
red = ["redis.up"]
"""


def test_what_lies_beside_a_file_is_read_and_counted(shop):
    shop.write("systems/shop/items.toml", ITEM)
    shop.edit(
        "systems/shop/system.toml", "[environments.staging]", '[stack]\ncompose = "c.yaml"\n[environments.staging]'
    )
    shop.write("systems/shop/c.yaml", "services: {}\n")
    shop.write("systems/shop/red.toml", STATE)
    ran = shop.drillbook("validate")
    assert ran.code == 0, ran.said
    assert "1 item, 1 red state" in ran.said


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("items.toml", ITEM.replace("check", "chek"), "systems/shop/items.toml:3: SH-C01.kind"),
        ("items.toml", ITEM + 'judgedby = ["redis.up"]\n', "systems/shop/items.toml:6: SH-C01.judgedby"),
        (
            "red.toml",
            STATE.replace("redis.up", "redis.upp"),
            "states.cache_gone.red.0: no limit is called 'redis.upp': did you mean redis.up",
        ),
    ],
)
def test_what_is_wrong_beside_a_file_is_said(shop, file, text, words):
    shop.write(f"systems/shop/{file}", text)
    ran = shop.drillbook("validate", "shop")
    assert ran.code == 4
    assert words in ran.said
