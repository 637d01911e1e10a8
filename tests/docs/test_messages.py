"""Every exit code and every reason for an UNKNOWN is in the table of messages, with what to do about it."""

from __future__ import annotations

import ast

import pytest

from drillbook.judging import gate
from drillbook.reference.messages import code, group_of, groups
from drillbook.report.page.words import MEANINGS

HOLE = "…"


def reasons(text):
    """The reasons that a module gives, with … for what differs; none of those that hold nothing else."""
    for call in [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]:
        name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
        at = {"Unmeasured": 0, "missing": 0, "failure": 1}.get(name)
        if at is not None and len(call.args) > at:
            given = call.args[at]
            both = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
            yield from (words for words in map(_words, both) if any(map(str.isalpha, words)))


def _words(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_words, node.values))
    return str(node.value) if isinstance(node, ast.Constant) else HOLE


def test_every_reason_that_a_probe_gives_is_in_a_group(pytestconfig):
    probes = pytestconfig.rootpath / "src" / "drillbook" / "probes"
    found = {words for path in probes.rglob("*.py") for words in reasons(path.read_text())}
    assert len(found) > 150
    assert {words for words in found if not group_of(words)} == set(), "add it to src/drillbook/reference/messages.toml"


def test_a_reason_of_a_new_sort_would_be_seen():
    [words] = reasons('raise Unmeasured(f"the moon is {phase}, and nobody answers")')
    assert words == "the moon is …, and nobody answers"
    assert group_of(words) is None


def test_no_group_is_for_nothing(pytestconfig):
    engine = pytestconfig.rootpath / "src" / "drillbook"
    texts = "".join(path.read_text() for path in engine.rglob("*.py"))
    said = {words for path in engine.rglob("*.py") for words in reasons(path.read_text())}
    spoken = {group_of(words).name for words in said if group_of(words)}
    assert {one.name for one in groups()} - spoken <= {
        "Our own machine was too busy",
        "Declared, and nothing judged it",
    }
    assert "this machine was too busy to tell" in texts
    assert "declared, and nothing judged it" in texts


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("redis.up is red: connection refused", "Another limit is the cause"),
        ("this machine was too busy to tell: no answer within 3 s", "Our own machine was too busy"),
        ("login refused for cache: check $SHOP_REDIS_URL", "Login or permission"),
        ("the name does not resolve (Name or service not known): check the address", "The address"),
        ("no traffic in 5.0 s", "Nothing happened that could be measured"),
        ("/health answered 200, but has no $.status (it has: $.ok)", "The JSON is not what the file says"),
        ("declared, and nothing judged it: add a check", "Declared, and nothing judged it"),
        ("no queue called mails is bound (these are: celery)", "What the file names is not there"),
    ],
)
def test_a_reason_as_runs_say_it_finds_its_group(reason, name):
    assert group_of(reason).name == name


def test_every_exit_code_has_a_meaning_and_a_next_step():
    codes = {value for name, value in vars(gate).items() if name.isupper() and isinstance(value, int)}
    assert codes <= {*MEANINGS}
    assert all(len(code(number)) == 2 for number in MEANINGS)
