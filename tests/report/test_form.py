"""What the page is made of: well-formed, with nothing in it that loads or runs, and all of it can be heard."""

import base64
import hashlib
import re

import pytest

LOADING = ("style", "href", "src", "xlink:href")
KINDS = ("checks", "every", "drill", "failed", "killed", "load", "targets", "everything")


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_well_formed_and_loads_nothing(read, journals, kind):
    page = read(kind)
    assert page.open == []
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not {name for tag, attrs in page.elements if tag != "a" for name in attrs} & {*LOADING}
    assert {name for attrs in page.of("a") for name in attrs} <= {"href", "rel"}
    assert {attrs["href"] for attrs in page.of("a")} <= {*journals.PAGES.values()}


def test_where_the_runbook_has_a_page_its_sections_lead_there_and_nothing_else_does(read, journals):
    assert len(read("everything").of("a")) > 2
    assert read("load").of("a") == []


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_ours_and_there_once(read, kind):
    ids = [attrs["id"] for _, attrs in read(kind).elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(-\d+)?(-(title|desc))?", one) for one in ids)


@pytest.mark.parametrize("kind", KINDS)
def test_figures_and_tables_can_be_heard(read, kind):
    page = read(kind)
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    figures = [attrs for attrs in page.of("svg") if attrs.get("role") == "img"]
    assert all(set(attrs["aria-labelledby"].split()) <= ids for attrs in figures)
    assert len(page.of("caption")) == len(page.of("table"))
    assert all("scope" in attrs for attrs in page.of("th"))


def test_the_policy_allows_our_stylesheet_and_nothing_else(page_of, journals, parsed):
    text = page_of(journals.checks())
    [policy] = [attrs["content"] for attrs in parsed(text).of("meta") if "http-equiv" in attrs]
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        f"style-src 'sha256-{digest}'",
    ]
