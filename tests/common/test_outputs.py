"""What leaves the process: no secret, nothing that a terminal or a CI runner would obey, nothing half-written."""

import json
import re
import stat
from pathlib import Path

import pytest

from drillbook.common.inert import for_markdown, for_terminal, inert
from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import keep_secret, keep_secrets_of, masked, scrub
from drillbook.judging.journal import open_journal
from drillbook.system.addresses import read_env_file, write_env_file


@pytest.mark.parametrize("form", ["p%40ss%2Bword%2F1", "p@ss+word/1", "dXNlcjpwQHNzK3dvcmQvMQ=="])
def test_a_password_is_masked_in_every_form_it_travels_in(form):
    keep_secrets_of("postgresql://user:p%40ss%2Bword%2F1@host/db")
    assert scrub(f"login {form} failed") == "login *** failed"


def test_a_token_is_masked_raw_and_as_json_writes_it():
    keep_secret('to"ken-12345')
    assert "ken-12345" not in scrub(json.dumps({"header": 'to"ken-12345'}))


def test_a_password_in_a_url_is_masked_even_when_nobody_registered_it():
    assert scrub("see redis://:hunter22@h:1/0") == "see redis://:***@h:1/0"
    assert masked("postgresql://deals:xyz@h:5432/deals") == "postgresql://deals:***@h:5432/deals"


def test_a_password_that_is_no_more_than_the_users_name_does_not_black_out_the_report():
    keep_secrets_of("postgresql://postgres:postgres@h/x")
    assert scrub("postgres is up") == "postgres is up"


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\x9b31m",
        "a\nb",
        "a\r\nb",
        "\u202eabc",
        "\u200bzero",
        "nul\x00",
        "\ud800",
        "\u2028",
        "soft\u00adhyphen",
        "tag\U000e0041",
        "not a character\uffff",
    ],
)
def test_nothing_unseen_reaches_a_terminal(hostile):
    shown = for_terminal(hostile)
    assert shown.isprintable()


@pytest.mark.parametrize("blank", ["\u3164", "\ufe0f", "\u034f", "\u2800", "\U000e0100"])
def test_what_is_blank_although_printable_is_shown(blank):
    assert inert(f"a{blank}b").isascii()


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000"])
def test_every_kind_of_space_is_a_space(space):
    assert inert(f"a{space}b") == "a b"


def test_what_can_be_seen_stays_as_it_is():
    assert inert("Straße 日本語 ✓ 😀 — “quoted”") == "Straße 日本語 ✓ 😀 — “quoted”"


@pytest.mark.parametrize(
    "hostile",
    [
        *("::add-mask::x", "  ::stop-commands::t", "x ##[error]y", "####[group]x"),
        *("x ##vso[task.setvariable variable=a]y", "x ##teamcity[testFailed name='a']"),
    ],
)
def test_a_ci_runner_finds_no_command_in_what_a_target_said(hostile):
    assert not for_terminal(hostile).strip().startswith("::")
    assert not re.search(r"##\w*\[", for_terminal(hostile))


@pytest.mark.parametrize("hostile", ["a|b", "<script>", "[x](http://y)", "`x`", "**x**", "@here", "![i](u)", "$x$"])
def test_markdown_from_a_target_formats_nothing(hostile):
    assert not re.search(r"(?<!\\)[|<>\[\]()`*@!$]", for_markdown(hostile))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("http://x.example", "http: //x.example"),
        ("see www.x.example", "see www .x.example"),
        ("@octocat @org/team", "@ octocat @ org/team"),
        ("mail a@x.example", "mail a@ x.example"),
        ("shop@staging", "shop@staging"),
        ("1. first", "1. first"),
    ],
)
def test_markdown_from_a_target_becomes_no_link_where_a_backslash_does_not_help(hostile, shown):
    assert for_markdown(hostile).replace("\\", "") == shown


def test_markdown_from_a_target_begins_no_list():
    assert for_markdown("12. first") == r"12\. first"


def test_a_long_answer_is_cut():
    assert len(inert("x" * 10_000)) < 5000


def test_the_journal_is_its_owners_alone_and_latest_points_to_it(tmp_path):
    keep_secret("canary-secret")
    journal = open_journal(tmp_path / "reports")
    journal.write("phase", name="canary-secret seen")
    journal.close()
    path = tmp_path / "reports" / "latest" / "journal.jsonl"
    assert path.resolve() == (journal.folder / "journal.jsonl").resolve()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700
    [line] = [json.loads(text) for text in path.read_text().splitlines()]
    assert line["kind"] == "phase"
    assert line["name"] == "*** seen"


def test_a_journal_that_cannot_be_opened_is_a_mistake_with_a_next_step(tmp_path):
    (tmp_path / "reports").write_text("not a folder")
    with pytest.raises(Mistakes, match="choose another --reports"):
        open_journal(tmp_path / "reports")


def test_a_journal_that_breaks_says_so(tmp_path):
    journal = open_journal(tmp_path / "reports")
    journal._file.close()
    journal._file = Path("/dev/full").open("w")  # noqa: SIM115 (the journal closes it)
    journal.write("phase", name="x")
    journal.close()
    assert "No space left" in journal.broken


def test_addresses_are_kept_whole_and_private(tmp_path):
    path = tmp_path / ".drillbook" / "a@local.env"
    write_env_file(path, {"A": "1=2", "B": "x"})
    write_env_file(path, {"A": "1=2", "B": "y"})
    assert read_env_file(path) == {"A": "1=2", "B": "y"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_addresses_in_somebody_elses_folder_are_a_mistake(tmp_path, monkeypatch):
    def is_file(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", is_file)
    with pytest.raises(Mistakes, match=r"a@local\.env cannot be read: Permission denied: whose is its folder\?"):
        read_env_file(tmp_path / "a@local.env")
