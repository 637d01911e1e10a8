"""What `doctor --fix` does for an image, and that one failure keeps nothing else away."""

import pytest

from drillbook.doctor import Missing, build, compose, engine, images, reference, repair
from drillbook.doctor.repair import ensure


class Registry:
    """A fake registry that gives or does not."""

    def __init__(self, gives):
        self.gives, self.asked = gives, []

    def pull(self, tag):
        self.asked.append(tag)
        return self.gives


@pytest.fixture(autouse=True)
def built(monkeypatch):
    done = []
    monkeypatch.setattr(build, "standin", lambda _client, name, _machine: done.append(name))
    monkeypatch.setattr(reference, "ensure", lambda _client, base: done.append(f"reference on {base}"))
    return done


@pytest.fixture(autouse=True)
def present(monkeypatch):
    def have(*tags):
        monkeypatch.setattr(images, "on", lambda _: set(tags).__contains__)

    have()
    return have


def test_an_image_that_is_here_is_neither_pulled_nor_built(built, present, machine):
    registry = Registry(gives=True)
    present("redis:7")
    ensure(images.REDIS, client=None, registries=registry, machine=machine())
    assert (registry.asked, built) == ([], [])


def test_an_image_that_its_registry_gives_is_not_built(built, machine):
    ensure(images.REDIS, client=None, registries=Registry(gives=True), machine=machine())
    assert built == []


def test_where_no_registry_answers_a_stand_in_is_built(built, machine):
    ensure(images.REDIS, client=None, registries=Registry(gives=False), machine=machine())
    assert built == ["redis"]


def test_an_override_is_pulled_and_never_replaced_by_a_stand_in(built, machine, monkeypatch):
    monkeypatch.setenv("DRILLBOOK_IMAGE_REDIS", "mine:1")
    with pytest.raises(Missing, match=r"mine:1 .*cannot be pulled: docker pull mine:1$"):
        ensure(images.REDIS, client=None, registries=Registry(gives=False), machine=machine())
    assert built == []


def test_the_reference_image_is_built_on_the_python_that_is_here(built, present, machine):
    registry = Registry(gives=False)
    present("python:3.12-slim")
    ensure(images.REFERENCE, client=None, registries=registry, machine=machine())
    assert (registry.asked, built) == ([], ["reference on python:3.12-slim"])


def test_the_reference_image_without_a_python_says_which_to_get(machine):
    with pytest.raises(Missing, match=r"docker pull python:3\.12-slim$"):
        ensure(images.REFERENCE, client=None, registries=Registry(gives=False), machine=machine())


@pytest.fixture
def acts(monkeypatch, tmp_path):
    done = []
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(engine, "ensure", lambda _: done.append("engine"))
    monkeypatch.setattr(engine, "connect", lambda: None)
    monkeypatch.setattr(compose, "ensure", lambda _: done.append("compose"))
    monkeypatch.setattr(repair, "ensure", lambda image, **_: done.append(image.name))
    return done


def test_a_repair_goes_from_the_engine_to_the_reference_image_and_compose(acts):
    repair.repair(images.STARTED)
    assert acts == [
        "engine",
        "postgres",
        "redis",
        "node-exporter",
        "pgbouncer",
        "nginx",
        "python",
        "reference",
        "compose",
    ]


def test_without_an_engine_no_image_is_tried_but_compose_is(acts, monkeypatch, said):
    monkeypatch.setattr(engine, "ensure", raises("docker engine: none here"))
    repair.repair(images.STARTED)
    assert acts == ["compose"]
    assert "docker engine: none here" in said()


def test_an_image_that_cannot_be_had_keeps_no_other_away(acts, monkeypatch, said):
    def ensure(image, **_):
        acts.append(image.name)
        raise Missing(f"{image.name}: not to be had")

    monkeypatch.setattr(repair, "ensure", ensure)
    repair.repair(images.STARTED)
    assert len(acts) == len(images.BUILT) + len(("engine", "compose"))
    assert "redis: not to be had" in said()


def raises(text):
    def act(*_):
        raise Missing(text)

    return act
