"""Wrong files: each mistake is one line in words, with its place and what may stand there; all of them together."""

import re
import tomllib
from copy import deepcopy
from functools import reduce
from pathlib import Path

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.reference import examples
from drillbook.system.file import read_system
from drillbook.system.kinds import kinds
from drillbook.system.library import Library
from drillbook.system.target import load_target
from drillbook.system.validated import limits_of

GOOD = """
[system]
name = "shop"
[services.web]
kind = "http"
url = { env = "SHOP_URL" }
health = { path = "/health", up = "$.ok == true", parts = { cache = "$.cache" } }
endpoints.items = { path = "/items", json = "$.items" }
[services.cache]
kind = "redis"
url = { env = "SHOP_REDIS_URL" }
[services.jobs]
kind = "celery"
broker = "cache"
[limits."items.latency"]
unit = "ms"
high = "> 500"
[environments.local]
kind = "local"
"""
SHOP = "systems/shop/system.toml:"
WRONG = tomllib.loads(Path(__file__).with_name("wrong_files.toml").read_text())
IN_WORDS = re.compile(r"systems/shop/system\.toml:\d+: [a-z]+[.:].*")
UNTOLD = (
    "is not what may stand here",
    "of another type",
    "Input should",
    "Field required",
    "Extra inputs",
    "Unable to",
    "should match",
    "validation",
    "Sup3rS3cretPart",
)


@pytest.fixture
def lines(tmp_path, pytestconfig):
    """What is said of an edited copy of the file above: each a number of a line, and a mistake."""
    (tmp_path / "systems" / "shop").mkdir(parents=True)
    (tmp_path / "systems" / "house.toml").symlink_to(pytestconfig.rootpath / "systems" / "house.toml")
    path = tmp_path / "systems" / "shop" / "system.toml"
    environ = {"SHOP_URL": "http://127.0.0.1:1", "SHOP_REDIS_URL": "redis://127.0.0.1:1"}

    def said(*edits):
        text = GOOD
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text)
        with pytest.raises(Mistakes) as mistakes:
            load_target("shop@local", Library(tmp_path, environ))
        assert all(line.startswith(SHOP) for line in mistakes.value.lines)
        return [line.removeprefix(SHOP) for line in mistakes.value.lines]

    return said


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_a_line_in_words(lines, what):
    wrong = WRONG[what]
    said = lines((wrong["old"], wrong["new"]))
    assert sorted(said) == sorted(wrong["says"])
    assert not any(word in line for line in said for word in UNTOLD)


def test_all_mistakes_are_said_together(lines):
    apart = ("a page without a path", "a role that there is not", "another tool's severities", "an environment's kind")
    said = lines(*((WRONG[what]["old"], WRONG[what]["new"]) for what in apart))
    words = [line.partition(": ")[2] for line in said]
    assert sorted(words) == sorted(line.partition(": ")[2] for what in apart for line in WRONG[what]["says"])
    numbers = [int(line.partition(": ")[0]) for line in said]
    assert numbers == sorted(numbers)


EXAMPLES = [examples.WHOLE, *(kind.defaults.with_name("example.toml") for kind in kinds().values())]
STRANGE = ["5 apples", -3, True, [1], {"x": 1}]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_whatever_stands_in_place_of_what_may_is_answered_in_words(tmp_path, pytestconfig, monkeypatch, path):
    house = Library(pytestconfig.rootpath, {}).house()
    monkeypatch.setattr(Library, "house", lambda _: house)
    (tmp_path / "systems" / "shop").mkdir(parents=True)
    said = []
    for document in changed(tomllib.loads(path.read_text())):
        (tmp_path / "systems" / "shop" / "system.toml").write_text(written(document))
        try:
            limits_of(Library(tmp_path, {}), "shop")
        except Mistakes as mistakes:
            said += mistakes.lines
    assert len(said) > 50
    assert [line for line in said if not IN_WORDS.fullmatch(line) or any(word in line for word in UNTOLD)] == []


def changed(document):
    """The document with each of its values in turn replaced by each strange one of another type."""
    for place in places(document):
        whole = deepcopy(document)
        around = reduce(lambda table, key: table[key], place[:-1], whole)
        kept = around[place[-1]]
        for strange in STRANGE:
            if type(strange) is not type(kept):
                around[place[-1]] = strange
                yield whole
        around[place[-1]] = kept


def places(value, place=()):
    """Where something stands in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*place, key)
        yield from places(one, (*place, key))


def written(document):
    """The document as TOML writes it, a top-level table to a line."""
    return "\n".join(f"{key} = {examples.written(value)}" for key, value in document.items())


@pytest.mark.parametrize("name", ["*.latency", "items.latency(web)", "health.cache: default"])
def test_a_limits_name_that_toml_takes_only_in_quotes_is_to_be_quoted(lines, name):
    [said] = lines(('[limits."items.latency"]', f"[limits.{name}]"))
    assert said == f'15: is not TOML: write the name in quotes: [limits."{name}"]'


@pytest.mark.parametrize(("encoding", "line"), [("latin-1", 3), ("utf-16", 1)])
def test_a_file_of_other_bytes_is_no_toml(tmp_path, encoding, line):
    path = tmp_path / "system.toml"
    path.write_bytes('[system]\nname = "shop"\nabout = "Le café"\n'.encode(encoding))
    with pytest.raises(Mistakes) as mistakes:
        read_system(path)
    assert mistakes.value.lines == [f"{path}:{line}: is not TOML: it holds bytes that are no UTF-8: save it as UTF-8"]


def test_what_editors_of_other_systems_write_is_read_all_the_same(tmp_path):
    path = tmp_path / "system.toml"
    path.write_bytes(GOOD.replace("\n", "\r\n").replace("kind =", "\tkind\t=").encode("utf-8-sig"))
    assert read_system(path).system.name == "shop"


def test_a_file_that_is_nested_without_end_is_a_mistake(tmp_path):
    path = tmp_path / "system.toml"
    path.write_text(f"a = {'[' * 5000}{']' * 5000}")
    with pytest.raises(Mistakes, match=":1: is nested too deeply to be read"):
        read_system(path)
