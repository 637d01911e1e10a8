"""The kinds of services are found by their folders, and one that is no kind is a mistake, in one line."""

import pytest

import drillbook.probes
from drillbook.common.mistakes import Mistakes
from drillbook.system.kinds import kinds

KIND = """
from drillbook.system.kinds import Kind
KIND = Kind(__name__, noun="{}", about="", table="", answers="", up="x.up", limits=("{}",))
"""


@pytest.fixture
def a_kind(tmp_path, monkeypatch):
    """Writes a folder that claims to be a kind, in a place where kinds are looked for."""
    monkeypatch.setattr(drillbook.probes, "__path__", [*drillbook.probes.__path__, str(tmp_path)])

    def write(name, text):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)

    return write


def test_every_kind_there_is_can_be_loaded_as_it_says():
    for kind in kinds().values():
        assert (kind.model.__name__, kind.about) == (kind.table, kind.about)
        assert kind.up.partition(".")[0] in kind.limits
        assert callable(kind.reading.facts)


def test_a_folder_without_a_kind_is_a_mistake(a_kind):
    a_kind("kindless", "")
    with pytest.raises(Mistakes, match=r"kindless: is no kind of service: .*'KIND'"):
        kinds()


def test_a_kind_that_cannot_be_imported_is_a_mistake(a_kind):
    a_kind("broken_kind", "import nowhere_at_all")
    with pytest.raises(Mistakes, match="broken_kind: is no kind of service: No module named 'nowhere_at_all'"):
        kinds()


def test_a_kind_does_not_take_the_place_of_another(a_kind):
    a_kind("redis", KIND.format("cache2", "cache2"))
    with pytest.raises(Mistakes, match="redis: Drillbook has something of that name: choose another"):
        kinds()


@pytest.mark.parametrize(("name", "noun", "word"), [("valkey_a", "redis", "valkey"), ("valkey_b", "valkey", "cache")])
def test_two_kinds_do_not_use_the_same_word(a_kind, name, noun, word):
    a_kind(name, KIND.format(noun, word))
    with pytest.raises(Mistakes, match=f"the kinds 'redis' and '{name}' both use"):
        kinds()


def test_a_kind_without_its_table_is_a_mistake(a_kind):
    a_kind("tableless", KIND.format("tableless", "tableless"))
    with pytest.raises(Mistakes, match="the table of the kind 'tableless' cannot be loaded"):
        assert kinds()["tableless"].model
