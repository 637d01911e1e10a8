"""What the tests of the page share: made-up journals, a real browser, and the shop that the runs' tests sabotage."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
KINDS = ("checks", "every", "drill", "failed", "killed", "load", "empty", "targets", "everything")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def module(name: str, path: Path):
    """The module at `path`: files of tests are no package that could be imported from."""
    spec = importlib.util.spec_from_file_location(name, path)
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found  # dataclasses look their own module up there
    spec.loader.exec_module(found)
    return found


runs = module("page_tests_runs", TESTS / "runs" / "conftest.py")
shop, shop_project = runs.shop, runs.shop_project


@pytest.fixture(scope="session")
def journals():
    """Journals of every kind, made up."""
    return module("page_tests_journals", TESTS / "report" / "journals.py")


@pytest.fixture(scope="session")
def long_journals():
    """Journals of a hundred thousand lines."""
    return module("page_tests_long_journals", TESTS / "report" / "long_journals.py")


@pytest.fixture(scope="session")
def hostile():
    """What a target may say that its report must not obey."""
    return module("page_tests_hostile", TESTS / "report" / "hostile.py")


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium; without one the tests fail, and do not pass over it.

    For one module: it has an event loop running in this thread, with which nobody else could start one.
    """
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.fail("no Chromium on the PATH: run tests/browser.sh", pytrace=False)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page_of(tmp_path):
    """Writes a journal's page: gives the text of the page of a book, or of the bytes of a journal."""
    from drillbook.report.page import write_page

    def make(journal) -> str:
        if isinstance(journal, bytes):
            (tmp_path / "journal.jsonl").write_bytes(journal)
        else:
            journal.save(tmp_path)
        return write_page(tmp_path).read_text(encoding="utf-8")

    return make


@pytest.fixture(scope="session")
def parsed():
    """Takes a page apart."""
    return module("page_tests_parsed", TESTS / "report" / "parsed.py").Parsed


@pytest.fixture
def read(page_of, journals, parsed):
    """The page of one of the made-up journals, taken apart."""
    return lambda kind: parsed(page_of(getattr(journals, kind)()))


@pytest.fixture(scope="module")
def pages(journals, tmp_path_factory):
    """A page of every kind, by kind."""
    from drillbook.report.page import write_page

    root = tmp_path_factory.mktemp("pages")
    books = {kind: journals.Book() if kind == "empty" else getattr(journals, kind)() for kind in KINDS}
    return {kind: write_page(book.save(root / kind)) for kind, book in books.items()}


@pytest.fixture(scope="module")
def opened(chromium, pages):
    """Opens a page; gives it, and what was heard of it meanwhile."""
    contexts = []

    def open_page(kind, width=1280, scheme="light", **options):
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options))
        page, heard = contexts[-1].new_page(), []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(pages[kind].as_uri())
        return page, heard

    yield open_page
    for context in contexts:
        context.close()
