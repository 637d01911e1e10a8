"""Where the file says where the runbook is read, each section of it can be clicked: in lines and on the page."""

from __future__ import annotations

import json
import re

import pytest

from drillbook.report.page import write_page
from drillbook.system.runbook import Runbook

RUN = ("checks", "--target", "shop@local", "--interval", "0.1", "-k", "up")
WIKI = "https://wiki.shop.example/runbook"
RUNBOOK = f"""
[runbook]
title = "Runbook"
sections = ["API down (all of it)", "Cache lost"]
url = "{WIKI}"
[limits."api.up"]
critical = "no"
from = "API down (all of it)"
[environments.local]
"""
HREF = re.compile(r'<a href="([^"]*)"')


@pytest.fixture
def ill(shop_project, shop):
    """A shop that is down, and whose runbook has a page."""
    shop_project.edit("systems/shop/system.toml", "[environments.local]", RUNBOOK)
    shop.say("/health", "502 Bad Gateway", 502)
    return shop_project


def page_of(project):
    return (project.root / "reports" / "latest" / "index.html").read_text()


@pytest.mark.parametrize(
    ("section", "anchors", "page"),
    [
        ("Cache lost", {}, f"{WIKI}#cache-lost"),
        ("4.2 API down: what's next?", {}, f"{WIKI}#42-api-down-whats-next"),
        ("Cache lost", {"Cache lost": "p7"}, f"{WIKI}#p7"),
        ("Cache lost", {"Cache lost": "https://wiki/cache#top"}, "https://wiki/cache#top"),
        ("house default", {}, ""),
    ],
)
def test_a_section_has_an_address(section, anchors, page):
    sections = ["Cache lost", "4.2 API down: what's next?"]
    assert Runbook(title="It", sections=sections, url=WIKI, anchors=anchors).page(section) == page


def test_without_a_page_of_the_runbook_no_section_has_one():
    assert Runbook(title="It", sections=["Cache lost"]).page("Cache lost") == ""


def test_the_line_the_summary_and_the_page_lead_there(ill):
    ran = ill.pytest(*RUN)
    where = f"{WIKI}#api-down-all-of-it"
    assert ran.code == 1, ran.said
    assert f" - runbook: API down (all of it) {where}\n" in ran.said
    summary = (ill.root / "reports" / "latest" / "summary.md").read_text()
    assert rf"| [API down \(all of it\)]({where}) |" in summary
    assert HREF.findall(page_of(ill)) == [where]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", 'https://x" onclick="alert(1)', "data:text/html,x", "//evil.example", "https://a b", 7],
)
def test_of_a_journal_only_the_address_of_a_web_page_becomes_a_link(ill, url):
    ill.pytest(*RUN)
    journal = ill.root / "reports" / "latest" / "journal.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    lines[0]["pages"] = dict.fromkeys(lines[0]["pages"], url)
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    write_page(journal.parent)
    assert HREF.findall(page_of(ill)) == []
    assert "API down (all of it)" in page_of(ill)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('url = "wiki/runbook"', "runbook.url: the address of a page begins with https:// or http://"),
        ('url = "https://me:pw@wiki/runbook"', "runbook.url: the address of a page begins with https:// or http://"),
        ('anchors = { "Cash lost" = "cache" }', "anchors: 'Cash lost' is not among sections: did you mean Cache lost?"),
        ('anchors = { "Cache lost" = "a b" }', "an anchor is what follows the # of a section's address"),
    ],
)
def test_what_is_no_address_is_a_mistake(ill, key, said):
    ill.edit("systems/shop/system.toml", f'url = "{WIKI}"', key)
    ran = ill.pytest(*RUN)
    assert ran.code == 4, ran.said
    assert said in ran.said
    assert "me:pw" not in ran.said
