"""`drillbook report`: the page of a run, made anew."""

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.report.page.which import page_of as command


@pytest.fixture
def reports(journals, tmp_path):
    """A folder with two runs, of which the newest is `latest`."""
    folder = tmp_path / "reports"
    journals.checks().save(folder / "20261122T080641Z-aaaa")
    journals.drill().save(folder / "20261122T090000Z-bbbb")
    (folder / "latest").symlink_to("20261122T090000Z-bbbb")
    return folder


def test_the_command_prints_where_the_page_is(project, journals):
    journals.checks().save(project.root / "reports" / "a-run")
    ran = project.drillbook("report", "a-run")
    assert (ran.code, ran.said) == (0, "reports/a-run/index.html\n")
    assert "deal-scout@staging" in (project.root / "reports" / "a-run" / "index.html").read_text()


def test_a_run_that_is_not_there_is_one_line_with_what_there_is(project, journals):
    journals.checks().save(project.root / "elsewhere" / "a-run")
    ran = project.drillbook("report", "b-run", "--reports", "elsewhere")
    assert ran.code == 4
    assert ran.said == "drillbook: b-run is no run: name one below elsewhere (known: a-run), or a path to one\n"


def test_without_a_run_it_is_the_newest(reports):
    assert command(None, reports) == reports / "20261122T090000Z-bbbb" / "index.html"


def test_without_a_link_to_it_the_newest_is_found_by_its_name(reports):
    (reports / "latest").unlink()
    assert command(None, reports).parent.name == "20261122T090000Z-bbbb"


def test_a_link_that_leads_nowhere_is_passed_over(reports):
    (reports / "latest").unlink()
    (reports / "latest").symlink_to("gone")
    assert command(None, reports).parent.name == "20261122T090000Z-bbbb"


@pytest.mark.parametrize("form", ["{run}", "{reports}/{run}", "{reports}/{run}/", "{reports}/{run}/journal.jsonl"])
def test_a_run_is_named_or_pointed_to(reports, form):
    run = "20261122T080641Z-aaaa"
    assert command(form.format(run=run, reports=reports), reports) == reports / run / "index.html"


def test_latest_is_a_name_too(reports):
    assert command("latest", reports).parent.name == "20261122T090000Z-bbbb"


@pytest.mark.parametrize(
    "wrong", ["", "nothing", "../..", "latest/..", "/", "/etc/passwd", "a\x00b", "\x1b[2J", "x" * 300]
)
def test_what_is_no_run_is_a_mistake_with_a_next_step(reports, wrong):
    with pytest.raises(Mistakes, match=r"known: 20261122T090000Z-bbbb, 20261122T080641Z-aaaa|permissions") as caught:
        command(wrong, reports)
    assert str(caught.value).isprintable()


def test_no_runs_at_all_say_how_to_make_one(tmp_path):
    with pytest.raises(Mistakes, match=r"there is no run below .* yet: make one with `pytest checks"):
        command(None, tmp_path)


def test_a_page_that_cannot_be_put_there_is_a_mistake(reports):
    (reports / "20261122T080641Z-aaaa" / "index.html").mkdir()
    with pytest.raises(Mistakes, match=r"cannot make the page: .*: Is a directory"):
        command("20261122T080641Z-aaaa", reports)


def test_of_many_runs_the_newest_few_are_named(journals, tmp_path):
    for number in range(8):
        journals.Book().save(tmp_path / f"run-{number}")
    with pytest.raises(Mistakes, match=r"known: run-7, run-6, run-5, run-4, run-3, and 3 more"):
        command("other", tmp_path)
