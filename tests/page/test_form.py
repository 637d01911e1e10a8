"""What the page is made of: well-formed, with nothing in it that loads or runs, and all of it can be heard."""

import base64
import hashlib
import re

import pytest

KINDS = ("checks", "every", "drill", "failed", "killed", "load", "everything")


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_well_formed_and_loads_nothing(read, kind):
    page = read(kind)
    assert page.open == []
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "a", "base"}
    assert not {name for _, attrs in page.elements for name in attrs} & {"style", "href", "src", "xlink:href"}


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
