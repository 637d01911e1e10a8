"""Which image serves under which name."""

from http import HTTPStatus
from types import SimpleNamespace

import pytest
from docker.errors import APIError

from drillbook.doctor import Missing, images, inputs

HERE = {"redis:7", inputs.standin_tag("redis"), "drillbook/reference:x"}


def standins():
    base = inputs.standin_tag("python")
    names = ("postgres", "redis", "node-exporter", "pgbouncer", "nginx")
    return [*(inputs.standin_tag(name) for name in names), inputs.reference_tag(base)]


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


def environment(*tags):
    return images.environment(tags.__contains__)


def serving(used, *here, pull=lambda _: False):
    return images.serving(used, here.__contains__, pull)


def test_the_environment_has_each_variable_whatever_is_here():
    names = ("POSTGRES", "REDIS", "NODE_EXPORTER", "PGBOUNCER", "NGINX", "REFERENCE")
    assert set(environment()) == set(environment(*standins())) == {f"DRILLBOOK_IMAGE_{name}" for name in names}
    assert environment(*standins())["DRILLBOOK_IMAGE_REDIS"] == inputs.standin_tag("redis")


@pytest.mark.parametrize("missing", range(len(images.STARTED)))
def test_an_image_that_is_used_and_nowhere_stops_the_start_with_the_next_step(missing):
    tags = standins()
    tags.pop(missing)
    name = images.STARTED[missing].variable
    used = environment(*tags)
    with pytest.raises(Missing, match=r": run `drillbook doctor --fix`$"):
        serving([used[name]], *tags)
    others = [tag for variable, tag in used.items() if variable != name]
    assert serving(others, *tags) == {}


def test_an_override_that_is_nowhere_stops_the_start_and_names_its_variable(monkeypatch):
    monkeypatch.setenv("DRILLBOOK_IMAGE_REDIS", "mine:1")
    with pytest.raises(Missing, match=r"mine:1 \(set by DRILLBOOK_IMAGE_REDIS\) is not on this machine"):
        serving(["mine:1"], *standins())


OFFICIAL = ["redis:7", "redis:6-alpine", "redis", "docker.io/library/redis:7.2", "library/redis", "redis@sha256:00"]


@pytest.mark.parametrize("tag", OFFICIAL)
def test_an_official_image_that_cannot_be_had_is_our_stand_in(tag):
    assert serving([tag], *standins())[tag].tag == inputs.standin_tag("redis")


@pytest.mark.parametrize("tag", OFFICIAL)
def test_it_is_pulled_first_once_and_then_nothing_takes_its_place(tag):
    asked = []
    assert serving([tag, tag], *standins(), pull=lambda tag: not asked.append(tag)) == {}
    assert asked == [tag]


@pytest.mark.parametrize(
    "tag", ["acme/redis:7", "redis-stack:7", "quay.io/redis:7", "localhost:5000/redis:7", "shop:1"]
)
def test_other_peoples_images_are_nobodys_business(tag):
    assert serving([tag], *standins(), pull=lambda _: pytest.fail("pulled")) == {}


def test_what_is_here_is_not_asked_for():
    assert serving(["redis:6"], "redis:6", pull=lambda _: pytest.fail("pulled")) == {}


def test_a_ready_reference_image_needs_no_python_base():
    assert images.PYTHON not in images.needed({"DRILLBOOK_IMAGE_REFERENCE": "mine:1"})
    assert images.PYTHON in images.needed({})


def test_another_python_base_is_another_reference_image():
    one = images.candidates(images.REFERENCE, {"DRILLBOOK_IMAGE_PYTHON": "python:3.12-slim"})
    other = images.candidates(images.REFERENCE, {"DRILLBOOK_IMAGE_PYTHON": "python:3.13-slim"})
    assert one[0].tag != other[0].tag


@pytest.mark.parametrize("status", [HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST])
def test_a_name_that_no_image_has_or_can_have_is_not_here(status):
    assert not images.on(_engine_that_says(status))("redis@sha256:12")


def test_an_engine_that_fails_says_nothing_of_an_image():
    with pytest.raises(APIError):
        images.on(_engine_that_says(HTTPStatus.INTERNAL_SERVER_ERROR))("redis:7")


def _engine_that_says(status):
    def inspect_image(_):
        raise APIError("no", SimpleNamespace(status_code=status))

    return SimpleNamespace(api=SimpleNamespace(inspect_image=inspect_image))
