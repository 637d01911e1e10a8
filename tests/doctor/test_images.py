"""Which image serves under which name."""

import pytest

from drillbook.doctor import Missing, engine, images, inputs

HERE = {"redis:7", inputs.standin_tag("redis"), "drillbook/reference:x"}


@pytest.fixture
def engine_with(monkeypatch):
    """Make environment() see an engine that has exactly these images."""

    def have(*tags):
        monkeypatch.setattr(engine, "connect", lambda: None)
        monkeypatch.setattr(images, "on", lambda _: set(tags).__contains__)

    return have


def standins():
    base = inputs.standin_tag("python")
    return [*(inputs.standin_tag(name) for name in ("postgres", "redis", "node-exporter")), inputs.reference_tag(base)]


def test_an_override_is_taken_exactly():
    found = images.find(images.REDIS, {"mine:1", "redis:7"}.__contains__, {"DRILLBOOK_IMAGE_REDIS": "mine:1"})
    assert found == images.Found("mine:1", "set by DRILLBOOK_IMAGE_REDIS")


def test_an_override_that_is_not_here_is_not_replaced_by_another():
    assert images.find(images.REDIS, HERE.__contains__, {"DRILLBOOK_IMAGE_REDIS": "mine:1"}) is None


def test_an_empty_override_is_none():
    assert images.find(images.REDIS, HERE.__contains__, {"DRILLBOOK_IMAGE_REDIS": ""}).tag == "redis:7"


def test_the_official_image_goes_before_the_stand_in():
    assert images.find(images.REDIS, HERE.__contains__, {}).origin == "official"


def test_the_stand_in_serves_where_the_official_image_is_not():
    found = images.find(images.REDIS, (HERE - {"redis:7"}).__contains__, {})
    assert found == images.Found(inputs.standin_tag("redis"), "stand-in built from Debian packages")


def test_the_environment_has_each_variable_that_a_start_needs(engine_with):
    engine_with(*standins())
    assert set(images.environment()) == {
        "DRILLBOOK_IMAGE_POSTGRES",
        "DRILLBOOK_IMAGE_REDIS",
        "DRILLBOOK_IMAGE_NODE_EXPORTER",
        "DRILLBOOK_IMAGE_REFERENCE",
    }


@pytest.mark.parametrize("missing", range(4))
def test_an_image_that_is_nowhere_stops_the_start_with_the_next_step(engine_with, missing):
    tags = standins()
    gone = tags.pop(missing)
    engine_with(*tags)
    with pytest.raises(Missing, match=f"{gone}.*: run `drillbook doctor --fix`$"):
        images.environment()


def test_an_override_that_is_nowhere_stops_the_start_and_names_its_variable(engine_with, monkeypatch):
    engine_with(*standins())
    monkeypatch.setenv("DRILLBOOK_IMAGE_REDIS", "mine:1")
    with pytest.raises(Missing, match=r"mine:1 \(set by DRILLBOOK_IMAGE_REDIS\) is not on this machine"):
        images.environment()


def test_a_ready_reference_image_needs_no_python_base():
    assert images.PYTHON not in images.needed({"DRILLBOOK_IMAGE_REFERENCE": "mine:1"})
    assert images.PYTHON in images.needed({})


def test_another_python_base_is_another_reference_image():
    one = images.candidates(images.REFERENCE, {"DRILLBOOK_IMAGE_PYTHON": "python:3.12-slim"})
    other = images.candidates(images.REFERENCE, {"DRILLBOOK_IMAGE_PYTHON": "python:3.13-slim"})
    assert one[0].tag != other[0].tag
