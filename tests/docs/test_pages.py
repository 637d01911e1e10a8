"""The pages of the reference are up to date and whole: every key and every limit is there, and every link leads on."""

from __future__ import annotations

import ast
import re

import pytest

from drillbook.reference import examples
from drillbook.reference.limits import entries
from drillbook.reference.pages import DOCS, pages
from drillbook.reference.tables import SERVICES, tables
from drillbook.system.kinds import kinds
from drillbook.system.library import Library

CHECKED = ("http", "postgres", "redis", "celery", "host")  # kinds whose checks are written by hand


@pytest.fixture(scope="module")
def checkout(request):
    """The folder of the checkout."""
    return request.config.rootpath


@pytest.fixture(scope="module")
def made(checkout):
    """The pages as they should be."""
    return pages(checkout)


def test_the_pages_are_up_to_date(made, checkout):
    stale = [name for name, text in made.items() if (checkout / DOCS / name).read_text() != text]
    assert stale == [], "run `make docs`"


def test_every_key_says_what_it_means_and_shows_an_example():
    every = [key for table in tables() for key in table.keys]
    assert [key.place for key in every if not key.text] == []
    own = [key for key in every if not (key.inherited and key.place.startswith("signals."))]
    assert [key.place for key in own if not key.example] == []


def test_every_kind_has_a_section_with_an_example(made):
    for kind in kinds().values():
        assert f'<a id="{SERVICES}.{kind.name}"></a>' in made["system-file.md"]
        assert examples.text_of(kind).strip() in made["system-file.md"]


def test_every_link_leads_somewhere(made):
    anchors = {name: re.findall(r'<a id="([^"]+)">', text) for name, text in made.items()}
    assert all(len(ids) == len(set(ids)) for ids in anchors.values())
    for name, text in made.items():
        for page, anchor in re.findall(r"\]\(([\w.-]*)#?([^)\s]*)\)", text) if name.endswith(".md") else ():
            assert (page or name) in made
            assert not anchor or anchor in anchors[page or name], (name, page, anchor)


def test_every_limit_says_how_it_is_measured_and_what_it_cannot_see(checkout):
    every = entries(Library(checkout, {}).house())
    assert len(every) > 50
    assert [one.name for one in every if not (one.measured and one.ladder and one.on and one.cannot_see)] == []


def test_what_is_said_to_be_measured_is_what_the_checks_ask(checkout):
    said = {name: question for kind in kinds().values() for name, question in kind.checked.items()}
    asked = dict(one for path in (checkout / "checks").glob("*.py") for one in _judged(path.read_text()))
    assert said == asked
    assert {kind.name for kind in kinds().values() if kind.checked} == {*CHECKED}


def _judged(text):
    """The limits that checks judge, with a * for what differs, each with the question that it judges."""
    for call in [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]:
        if getattr(call.func, "id", "") == "judge" and isinstance(call.args[1], ast.Call):
            name, answer = call.args
            words = [part.value if isinstance(part, ast.Constant) else "*" for part in getattr(name, "values", [name])]
            yield "".join(words), answer.func.attr
