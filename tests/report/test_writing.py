"""How the page comes to lie where it lies: whole, its owner's alone, in place of whatever was there."""

import os
import stat
import sys

import pytest
from jinja2 import DictLoader, Environment

from drillbook.report.page import write_page
from drillbook.report.page.render import Compiled


@pytest.fixture
def folder(journals, tmp_path):
    """A run's folder, with a journal."""
    return journals.checks().save(tmp_path / "run")


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_page_is_its_owners_alone_whatever_the_umask(folder):
    before = os.umask(0)
    try:
        assert mode(write_page(folder)) == 0o600
    finally:
        os.umask(before)


def test_a_page_with_wider_rights_is_replaced(folder):
    (folder / "index.html").write_text("old")
    (folder / "index.html").chmod(0o666)
    page = write_page(folder)
    assert mode(page) == 0o600
    assert "deal-scout@staging" in page.read_text()


def test_a_link_is_replaced_and_never_followed(folder, tmp_path):
    (tmp_path / "elsewhere").write_text("precious")
    (folder / "index.html").symlink_to(tmp_path / "elsewhere")
    page = write_page(folder)
    assert not page.is_symlink()
    assert (tmp_path / "elsewhere").read_text() == "precious"


def test_a_reader_of_the_old_page_keeps_it_whole(folder):
    write_page(folder)
    with (folder / "index.html").open() as reader:
        (folder / "journal.jsonl").write_text("")
        write_page(folder)
        assert "</html>" in reader.read()


def test_nothing_is_left_where_the_page_cannot_be_written(folder):
    (folder / "index.html").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_page(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "journal.jsonl"]


def test_a_hundred_thousand_lines_make_a_page_of_at_most_three_megabytes(journals, long_journals, tmp_path):
    page = write_page(long_journals.drill_and_load(journals, 100_000).save(tmp_path))
    assert page.stat().st_size <= 3_000_000
    assert page.read_text().rstrip().endswith("</html>")


def test_as_many_limits_as_lines_are_cut_short_and_that_is_said(journals, page_of):
    book = journals.Book().run()
    for number in range(3000):
        book.verdict(f"limit.{number}", "BREACHED" if number % 2 else "OK", reason="<why>" * 100)
    text = page_of(book.end(1))
    assert len(text) < 3_000_000
    assert "2000 more rows are in the journal" in text


@pytest.fixture
def template():
    """Renders a template whose compiled form is kept in a folder."""

    def render(folder):
        kept = Compiled(str(folder), "%s.jinja")
        return Environment(loader=DictLoader({"one": "{{ 1 }}"}), bytecode_cache=kept).get_template("one").render()

    return render


def test_a_template_is_compiled_once(template, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert template(tmp_path) == "1"
    monkeypatch.delattr(Environment, "compile")
    assert template(tmp_path) == "1"


def test_where_nothing_may_be_written_a_template_is_compiled_each_time(template, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert template(tmp_path / "missing") == "1"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert template(tmp_path) == "1"
    assert list(tmp_path.iterdir()) == []
