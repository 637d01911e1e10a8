"""Whole runs against a target that means harm: nothing that it says is obeyed by whatever reads what the run wrote."""

from __future__ import annotations

import base64
import html
import json
import re
import stat
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from drillbook.common.inert import inert

RUN = ("checks", "--target", "shop@local", "--interval", "0.2")
SEEN = 100  # of an answer's body that is no JSON, a verdict shows the first characters
CHECKS = """
def test_part(api, part, judge):
    judge(f"health.{part}", api.part(part))


def test_endpoint(api, endpoint, judge):
    judge(f"{endpoint}.ok", api.serves(endpoint))
"""
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@pytest.fixture
def hostile_project(shop_project, shop, hostile):
    """A shop that says every hostile string: as parts of its health, in JSON, in error bodies, in headers."""
    numbers = range(len(hostile.HOSTILE))
    endpoints = [f'endpoints.body{n} = {{ path = "/body{n}" }}' for n in numbers]
    endpoints += [f"""endpoints.field{n} = {{ path = "/field{n}", up = "$.status == 'fine'" }}""" for n in numbers]
    parts = ", ".join(f'part{n} = "$.part{n}"' for n in numbers)
    shop_project.edit("systems/shop/system.toml", 'parts = { cache = "$.cache" }', f"parts = {{ {parts} }}")
    shop_project.edit("systems/shop/system.toml", "endpoints.items", "\n".join([*endpoints, "endpoints.items"]))
    shop_project.edit("systems/shop/system.toml", 'deadline = "5s"', 'deadline = "20s"')
    shop_project.write("checks/test_shop.py", CHECKS)
    shop.say("/health", {"status": "healthy"} | {f"part{n}": text for n, text in enumerate(hostile.HOSTILE)})
    for number, text in enumerate(hostile.HOSTILE):
        shop.say(
            f"/body{number}", text, status=500, headers={"Server": text.encode().decode("latin-1").splitlines()[0]}
        )
        shop.say(f"/field{number}", {"status": text})
    return shop_project


def test_a_target_that_means_harm_is_inert_wherever_it_is_read(hostile_project, hostile, parsed):
    ran = hostile_project.pytest(*RUN)
    assert ran.code == 1, ran.said
    folder = (hostile_project.root / "reports" / "latest").resolve()
    the_terminal_has_nothing_to_obey(ran.said)
    junit_is_xml((folder / "junit.xml").read_text(encoding="utf-8"), hostile)
    markdown_renders_a_table_and_nothing_else((folder / "summary.md").read_text(encoding="utf-8"))
    the_page_shows_it_all(parsed((folder / "index.html").read_text(encoding="utf-8")), hostile)


@pytest.mark.parametrize(
    "does", ["raise ValueError(text)", "assert text == ''", "pytest.skip(text)", "pytest.fail(text)"]
)
def test_what_a_check_of_ones_own_says_of_a_target_is_inert_too(shop_project, does):
    texts = ["\x1b[2J", "##vso[task.complete]", "one\n::error::two", "\u202e"]
    check = f"import pytest\n\n\ndef test_mine(judge):\n    text = TEXT\n    {does}\n"
    for number, text in enumerate(texts):
        shop_project.write(f"checks/test_mine{number}.py", check.replace("TEXT", ascii(text)))
    ran = shop_project.pytest(*RUN, "-rs")
    assert ran.code in ((0,) if "skip" in does else (1, 11)), ran.said
    the_terminal_has_nothing_to_obey(re.sub(r"(?m)^.*text = .*$", "", ran.said))


def the_terminal_has_nothing_to_obey(said: str) -> None:
    assert all(character.isprintable() or character == "\n" for character in said)
    assert [line for line in said.splitlines() if line.lstrip().startswith("::")] == []
    assert re.findall(r"##\w*\[", said) == []


def junit_is_xml(text: str, hostile) -> None:
    assert ILLEGAL.findall(text) == []
    suite = ElementTree.fromstring(text)
    verdicts = [json.loads(one.get("value")) for one in suite.iter("property") if one.get("name") == "drillbook"]
    assert len(verdicts) == 3 * len(hostile.HOSTILE) + 1
    assert {element.tag for element in suite.iter()} <= {
        *("testsuites", "testsuite", "testcase", "properties", "property", "failure", "system-out"),
    }


def markdown_renders_a_table_and_nothing_else(text: str) -> None:
    tokens = MarkdownIt().enable("table").parse(text)
    inner = {child.type for token in tokens for child in token.children or []}
    assert inner <= {"text", "text_special", "softbreak"}
    blocks = {token.type.removesuffix("_open") for token in tokens if token.type.endswith("_open")}
    assert blocks <= {
        *("heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item")
    }
    rows = " ".join(token.type for token in tokens).split("tr_open")[1:]
    assert {row.count("td_open") or row.count("th_open") for row in rows} == {8}
    bare = text.replace("\\", "")
    assert re.findall(r"://|\bwww\.|(?<!\w)@\w|@[\w-]+\.\w", bare, re.IGNORECASE) == []
    assert not {character for character in text if not character.isprintable()} - {"\n"}


def the_page_shows_it_all(page, hostile) -> None:
    assert page.open == []
    assert page.comments == []
    assert not {tag for tag, _ in page.elements} & {"script", "img", "iframe", "a", "b", "base", "form", "h4"}
    shown = page.text
    missing = [text for text in hostile.HOSTILE if inert(" ".join(text.split()))[:SEEN] not in shown]
    assert missing == []


def test_the_words_beside_a_status_are_inert(shop_project, shop, monkeypatch, request):
    import page_tests_runs

    words = "<b>x</b> \x1b[31m ##vso[task] ::error::"
    monkeypatch.setattr(page_tests_runs.Handler, "responses", {503: (words, words), 200: ("OK", "OK")})
    shop.say("/items", "closed", status=503)
    ran = shop_project.pytest(*RUN)
    assert ran.code == 1, ran.said
    the_terminal_has_nothing_to_obey(ran.said)


CANARIES = ("c4nary-plain-t0ken", 'c4n+ry/s%3Dcret"<&7D', r"c4nary\with\back")
SERVICES = """
[services.db]
kind = "postgres"
dsn = { env = "SHOP_DSN" }
[services.cache]
kind = "redis"
url = { env = "SHOP_REDIS" }
[environments.local]
"""
MORE_CHECKS = """
def test_stores(database, redis, judge):
    judge("database.up", database.answers())
    judge("redis.up", redis.answers())


def test_prints(api):
    import os
    print("token", os.environ["SHOP_TOKEN"])
    raise RuntimeError(os.environ["SHOP_TOKEN"], os.environ["SHOP_DSN"])
"""


def encoded(secret: str) -> set[str]:
    """The secret in every form in which it might travel."""
    plain = [secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]]
    plain += [html.escape(text, quote=quotes) for text in plain for quotes in (True, False)]
    coded = [base64.b64encode(text.encode()).decode() for text in (secret, f"user:{secret}")]
    return {*plain, *coded, *(one.rstrip("=") for one in coded)}


@pytest.mark.parametrize("canary", CANARIES)
def test_no_file_of_a_run_holds_a_secret_that_the_target_sends_back(shop_project, shop, canary):
    shop.token = canary
    echoed = {"status": f"you sent Bearer {canary}, {quote(canary, safe='')}", "cache": sorted(encoded(canary))}
    shop.say("/health", echoed)
    shop.say("/items", f"{base64.b64encode(canary.encode()).decode()} {canary} {json.dumps(canary)}", status=500)
    shop.answers["/items"].headers["Server"] = canary
    shop_project.edit("systems/shop/system.toml", "[environments.local]", SERVICES)
    shop_project.write("checks/test_more.py", MORE_CHECKS)
    login = f"user:{quote(canary, safe='')}@127.0.0.1:1"
    environ = {"SHOP_TOKEN": canary, "SHOP_DSN": f"postgresql://{login}/x", "SHOP_REDIS": f"redis://{login}/0"}
    ran = shop_project.pytest(*RUN, environ=environ)
    assert ran.code == 1, ran.said
    reports = shop_project.root / "reports"
    files = [path for path in reports.rglob("*") if path.is_file() and "latest" not in path.parts]
    assert {path.name for path in files} == {"journal.jsonl", "junit.xml", "summary.md", "index.html"}
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "***" in text.replace("\\", "")
        assert [form for form in encoded(canary) if form in text] == [], path.name
    assert [form for form in encoded(canary) if form in ran.said] == []


def test_what_a_run_writes_is_its_owners_alone(shop_project):
    assert shop_project.pytest(*RUN).code == 0
    reports = shop_project.root / "reports"
    found = [path for path in [reports, *reports.rglob("*")] if not path.is_symlink()]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in found if path.is_file()}
    assert modes == dict.fromkeys(["journal.jsonl", "junit.xml", "summary.md", "index.html"], 0o600)
    assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_dir()} == {0o700}


def test_a_run_that_is_killed_has_a_page_afterwards_that_says_so(shop_project):
    shop_project.write("checks/test_dies.py", "import os\n\ndef test_dies(judge):\n    os._exit(9)\n")
    assert shop_project.pytest(*RUN).code == 9
    made = shop_project.drillbook("report")
    assert made.code == 0, made.said
    assert "did not end" in (shop_project.root / made.said.strip()).read_text()
