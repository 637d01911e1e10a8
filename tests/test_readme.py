"""What the README tells people to type does what it says."""

from __future__ import annotations

import re
import shutil
import tomllib

import pytest

from drillbook.probes.http.table import HttpService
from drillbook.system.file import Runbook, Stack

README = "README.md"
FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
PAGES = {"/health": {"status": "ok"}, "/items": {"items": ["a bicycle"]}}


@pytest.fixture
def readme(pytestconfig):
    """The README's text."""
    return (pytestconfig.rootpath / README).read_text()


@pytest.fixture
def systems(pytestconfig):
    """The text of the page on what a system file says."""
    return (pytestconfig.rootpath / "docs" / "systems.md").read_text()


@pytest.fixture
def snippets(pytestconfig, snippets_of):
    """The README's snippets that are files, by path."""
    return snippets_of(pytestconfig.rootpath / README)


@pytest.fixture
def web_shop(served):
    """The shop of the README: a health page and a list of items. Gives its URL."""
    return served(PAGES)


def test_the_first_check_of_a_new_user_works_as_written(project, snippets, readme, web_shop):
    shutil.copytree(project.checkout / "checks", project.root / "checks")
    for path, text in snippets.items():
        project.write(path, text)
    [command] = re.findall(r"^ *pytest (checks --target shop@staging)$", readme, re.MULTILINE)
    ran = project.pytest(*command.split(), environ={"SHOP_URL": web_shop})
    assert ran.code == 0, ran.said
    assert project.verdicts()["items.ok"] == "OK"
    assert "shop has no redis service" in ran.said


def test_the_first_check_of_a_new_user_can_fail(project, snippets, web_shop, monkeypatch):
    shutil.copytree(project.checkout / "checks", project.root / "checks")
    project.write("systems/shop/system.toml", snippets["systems/shop/system.toml"])
    monkeypatch.setitem(PAGES, "/items", {"items": []})
    ran = project.pytest("checks", "--target", "shop@staging", environ={"SHOP_URL": web_shop})
    assert ran.code == 1, ran.said
    assert "CRITICAL items.ok: no" in ran.said


def test_what_init_writes_of_a_new_users_service_is_judged(project, readme, web_shop, monkeypatch):
    shutil.copytree(project.checkout / "checks", project.root / "checks")
    [command] = re.findall(r"^ *drillbook (init shop --url) https://", readme, re.MULTILINE)
    assert project.drillbook(*command.split(), web_shop).code == 0
    ran = project.pytest("checks", "--target", "shop@local", environ={"SHOP_URL": web_shop})
    assert ran.code == 0, ran.said
    monkeypatch.setitem(PAGES, "/health", {"status": "down"})
    ran = project.pytest("checks", "--target", "shop@local", environ={"SHOP_URL": web_shop})
    assert ran.code == 1, ran.said
    assert "HIGH api.healthy: no, $.status is 'down', not 'ok'" in ran.said


def test_what_is_shown_of_a_stack_is_what_the_file_may_say(readme):
    [text] = [text for _, text in FENCE.findall(readme) if text.startswith("[stack]")]
    assert Stack.model_validate(tomllib.loads(text)["stack"]).leave_out == ["frontend"]


def test_the_load_profile_of_a_new_user_works_as_written(project, snippets, web_shop):
    for path, text in snippets.items():
        project.write(path, text)
    arguments = ("load", "--target", "shop@staging", "--profile", "morning", "--confirm", "load shop@staging")
    ran = project.load(*arguments, environ={"SHOP_URL": web_shop})
    assert ran.code == 0, ran.said
    assert project.verdicts() == {"api.p95(morning)": "OK", "api.errors(morning)": "OK"}


def test_every_make_target_that_is_named_exists(readme, pytestconfig):
    targets = set(re.findall(r"^(\w+):", (pytestconfig.rootpath / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)", readme)) - {"and"} <= targets


def test_every_command_that_is_named_exists(readme, project):
    said = project.run("drillbook", "--help").said
    named = re.findall(r"`?drillbook (init|up|down|doctor|sweep)\b", readme)
    assert all(re.search(rf"\b{name}\b", said) for name in named)


def test_the_runbook_that_is_shown_leads_to_its_sections(systems):
    text = next(text for _, text in FENCE.findall(systems) if text.startswith("[runbook]"))
    runbook = Runbook.model_validate(tomllib.loads(text)["runbook"])
    assert [runbook.page(one).rpartition("#")[2] for one in runbook.sections] == ["database-unreachable", "p7"]


def test_every_exit_code_is_explained(readme):
    from drillbook.judging import gate

    codes = {value for name, value in vars(gate).items() if name.isupper() and isinstance(value, int)}
    assert codes <= {
        int(code) for row in re.findall(r"^\| ([\d, ]+) \|", readme, re.MULTILINE) for code in row.split(",")
    }


def test_a_database_beside_it_is_red_with_the_runbooks_section_when_it_is_down(project, snippets, systems, web_shop):
    shutil.copytree(project.checkout / "checks", project.root / "checks")
    more = next(text for _, text in FENCE.findall(systems) if text.startswith("[services.database]"))
    project.write("systems/shop/system.toml", snippets["systems/shop/system.toml"] + more)
    addresses = {"SHOP_URL": web_shop, "SHOP_DATABASE_URL": "postgresql://shop:pw@127.0.0.1:1/shop"}
    ran = project.pytest("checks", "--target", "shop@staging", environ=addresses)
    assert ran.code == 1, ran.said
    assert re.search("CRITICAL database.up: no, connection refused .* - runbook: Database Unreachable", ran.said)
    assert "api.errors: /metrics answered 404" in ran.said


def test_the_health_page_that_is_shown_can_be_declared(systems):
    text = next(text for _, text in FENCE.findall(systems) if text.startswith("[services.web.health]"))
    declared = HttpService(kind="http", url={"env": "SHOP_URL"}, **tomllib.loads(text)["services"]["web"])
    assert sorted(declared.asked()) == ["endpoint hello", "health", "login"]
