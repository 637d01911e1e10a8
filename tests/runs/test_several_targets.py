"""Several targets in one run: each check once for each of them, and what is said of one holds for that one alone."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

BOTH = ("--target", "shop@local", "--target", "mall@local")
RUN = ("checks", *BOTH, "--interval", "0.2")
RED = ("/health", {"status": "healthy", "cache": False})
ALONE = [(), ("-n", "2")]
CASE = """
import unittest


class TestOld(unittest.TestCase):
    def test_it(self):
        assert True
"""


def verdicts(project):
    """The newest run's verdicts, by target and what was judged."""
    lines = [line for line in project.journal() if line["kind"] == "verdict"]
    return {(line["target"], line["name"]): line for line in lines}


def of(project, target):
    """The outcomes of one target, by what was judged."""
    return {name: line["verdict"] for (whose, name), line in verdicts(project).items() if whose == target}


def page(project):
    """The page of the newest run."""
    return (project.root / "reports" / "latest" / "index.html").read_text()


@pytest.mark.parametrize("workers", ALONE, ids=["alone", "workers"])
def test_each_check_runs_once_for_each_of_them_and_one_that_is_red_is_red_alone(shop_project, mall, workers):
    mall.say(*RED)
    ran = shop_project.pytest(*RUN, *workers)
    assert ran.code == 1, ran.said
    assert set(of(shop_project, "shop@local").values()) == {"OK"}
    assert of(shop_project, "mall@local") == of(shop_project, "shop@local") | {"health.cache": "BREACHED"}
    checks = {line["check"] for line in verdicts(shop_project).values()}
    assert {"checks/test_shop.py::test_up[shop@local]", "checks/test_shop.py::test_items[mall@local-items]"} < checks
    assert "\nHIGH mall@local health.cache: no, " in ran.said
    assert "\nOK shop@local: api.errors, " in ran.said
    assert "\nmall@local: 9 limits judged, 9 of them measured that could reach the gate; asked: web " in ran.said
    assert "\nshop@local, mall@local: exit 1, report in " in ran.said


def test_each_has_its_section_in_every_report(shop_project, mall):
    mall.say(*RED)
    shop_project.pytest(*RUN)
    [*_, end] = shop_project.journal()
    assert end["asked"].keys() == {"shop@local", "mall@local"}
    assert end["asked"]["mall@local"]["web"] == len(mall.asked)
    assert [line["target"] for line in shop_project.journal() if line["kind"] == "run"] == ["shop@local", "mall@local"]
    summary = (shop_project.root / "reports" / "latest" / "summary.md").read_text()
    above, first, second = summary.split("\n## ")
    assert above.startswith("# shop\\@local, mall\\@local: exit 1")
    assert first.startswith("shop\\@local: exit 0\n\n9 limits judged, 0 fail the gate")
    assert second.startswith("mall\\@local: exit 1\n\n9 limits judged, 1 fail the gate")
    assert "HIGH" not in first
    suites = ElementTree.parse(shop_project.root / "reports" / "latest" / "junit.xml").getroot()
    assert [(one.get("name"), one.get("tests"), one.get("failures")) for one in suites] == [
        ("shop@local", "6", "0"),
        ("mall@local", "6", "1"),
    ]
    (shop_project.root / "reports" / "latest" / "index.html").unlink()
    shop_project.drillbook("report")
    assert page(shop_project).count('<h2 id="target-') == 2


@pytest.mark.parametrize(("left_out", "weighs"), [((), "medium"), (("mall@local",), "critical")], ids=["judged", "not"])
def test_a_cause_that_is_judged_of_another_target_weighs_nothing(shop_project, mall, left_out, weighs):
    for name in ("shop", "mall"):
        shop_project.edit(
            f"systems/{name}/system.toml", "[environments", '[limits."api.up"]\nmedium = "no"\n[environments'
        )
    shop_project.environ["MALL_URL"] = "http://127.0.0.1:9"
    deselect = [word for one in left_out for word in ("--deselect", f"checks/test_shop.py::test_up[{one}]")]
    shop_project.pytest(*RUN, *deselect)
    assert verdicts(shop_project)["mall@local", "items.ok"]["severity"] == weighs
    assert verdicts(shop_project)["shop@local", "items.ok"]["verdict"] == "OK"


def test_what_is_judged_of_one_is_not_judged_of_the_other(shop_project, mall):
    shop_project.edit(
        "checks/test_shop.py", "def test_items", 'import pytest\n@pytest.mark.systems("shop")\ndef test_items'
    )
    ran = shop_project.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert "drillbook: not for mall: checks/test_shop.py::test_items (for shop)" in ran.said
    assert of(shop_project, "mall@local")["services.web.endpoints.items"] == "UNKNOWN"
    assert of(shop_project, "shop@local")["items.ok"] == "OK"
    assert "services.web.endpoints.items" not in of(shop_project, "shop@local")


def test_a_check_that_cannot_run_once_for_each_is_unknown_of_all(shop_project, mall):
    shop_project.write("checks/test_old.py", CASE)
    ran = shop_project.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert "no function that could run once for each of shop@local and mall@local" in ran.said
    assert of(shop_project, "shop@local")["test_it"] == of(shop_project, "mall@local")["test_it"] == "UNKNOWN"


def test_what_selects_no_check_of_one_target_has_not_checked_it(shop_project, mall):
    ran = shop_project.pytest("checks/test_shop.py::test_up[shop@local]", *RUN[1:])
    assert ran.code == 5, ran.said
    assert "mall@local: no check was selected" in ran.said
    assert mall.asked == []


def test_rounds_say_of_which_target_something_has_changed(shop_project, mall):
    mall.say(*RED)
    ran = shop_project.pytest(*RUN, "--every", "0.4s", "--rounds", "2")
    assert ran.code == 1, ran.said
    assert [line["round"] for line in shop_project.journal() if line["kind"] == "round"] == [1, 2]
    assert ran.said.count("  HIGH mall@local health.cache: no, ") == 1
    assert "round 2: 17 OK, 1 BREACHED" in ran.said


def test_secrets_of_every_target_are_masked(shop_project, mall):
    mall.say("/ready", f"go away, {mall.token}", 500)
    ran = shop_project.pytest(*RUN)
    assert "go away, " in ran.said
    reports = [path.read_text() for path in (shop_project.root / "reports" / "latest").iterdir()]
    assert len(reports) == 4
    assert not any(mall.token in text for text in (ran.said, *reports))


def test_secrets_of_every_target_are_known_before_the_users_conftest_is_read(shop_project, mall):
    shop_project.write("conftest.py", "import os\nraise RuntimeError(f\"no: {os.environ['MALL_TOKEN']}\")\n")
    ran = shop_project.pytest(*RUN)
    assert ran.code == 4, ran.said
    assert "RuntimeError: no: " in ran.said
    assert mall.token not in ran.said


def test_mistakes_in_all_of_their_files_are_said_together_and_before_anybody_is_asked(shop_project, shop, mall):
    shop_project.edit("systems/shop/system.toml", '"5s"', '"5 apples"')
    shop_project.edit("systems/mall/system.toml", '["api"]', '["apy"]')
    ran = shop_project.pytest(*RUN)
    assert ran.code == 4, ran.said
    assert "systems/shop/system.toml:9: services.web.deadline: " in ran.said
    assert "systems/mall/system.toml:6: services.web.roles: " in ran.said
    assert shop.asked == mall.asked == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("checks", *BOTH, "--target=shop@local"), "--target shop@local is given 2 times: name each target once"),
        (("chaos", *BOTH), "a drill asks one target, and --target names 2, shop@local and mall@local: run pytest once"),
        (("load", *BOTH), "a load profile asks one target, and --target names 2"),
        (("tests", *BOTH), "shop@local and mall@local is not asked: nothing of what is run is in checks/"),
    ],
)
def test_what_no_run_could_ask_is_a_usage_error(shop_project, shop, mall, arguments, said):
    for folder in ("chaos", "load", "tests"):
        shop_project.write(f"{folder}/test_x.py", "")
    ran = shop_project.pytest(*arguments)
    assert ran.code == 4, ran.said
    assert said in ran.said
    assert shop.asked == mall.asked == []


def test_a_budget_that_rounds_have_no_room_for_is_named_with_its_target(shop_project, mall):
    shop_project.edit("systems/mall/system.toml", "samples = 1", 'samples = 1\nbudget = "8/min"')
    ran = shop_project.pytest(*RUN, "--every", "1s")
    assert ran.code == 4, ran.said
    assert "asks more than the budget of mall@local web (8/min) allows" in ran.said


def test_two_environments_of_a_system_need_addresses_of_their_own(shop_project, shop, mall):
    shop_project.edit(
        "systems/shop/system.toml", "[environments", '[environments.staging]\nkind = "staging"\n[environments'
    )
    two = ("checks", "--target", "shop@local", "--target", "shop@staging", "--interval", "0.2")
    ran = shop_project.pytest(*two)
    assert ran.code == 4, ran.said
    assert "shop@local and shop@staging have the same addresses (SHOP_URL, SHOP_TOKEN): give each its own" in ran.said
    assert shop.asked == []
    for name, it in {"local": shop, "staging": mall}.items():
        shop_project.write(f".drillbook/shop@{name}.env", f"SHOP_URL={it.url}\nSHOP_TOKEN={it.token}\n")
    shop_project.environ = {name: it for name, it in shop_project.environ.items() if not name.startswith("SHOP_")}
    mall.say("/items", {"items": []})
    assert shop_project.pytest(*two).code == 1
    assert of(shop_project, "shop@local")["items.ok"] == "OK"
    assert of(shop_project, "shop@staging")["items.ok"] == "BREACHED"


@pytest.mark.parametrize(
    ("settings", "variable", "line", "asked"),
    [
        (BOTH, "", (), {"shop@local", "mall@local"}),
        (("--target=shop@local",), " ".join(BOTH), (), {"shop@local", "mall@local"}),
        (BOTH, " ".join(BOTH), ("--target", "mall@local"), {"mall@local"}),
        (BOTH, "", ("--target", "mall@local", "-n", "2"), {"mall@local"}),
    ],
    ids=["settings", "variable", "line", "workers"],
)
def test_the_nearest_to_the_command_line_say_which(shop_project, mall, settings, variable, line, asked):
    words = ", ".join(f'"{word}"' for word in settings)
    shop_project.edit("pyproject.toml", "addopts = [", f"addopts = [{words}, ")
    ran = shop_project.pytest("checks", *line, "--interval", "0.2", environ={"PYTEST_ADDOPTS": variable})
    assert ran.code == 0, ran.said
    assert {target for target, _ in verdicts(shop_project)} == asked
