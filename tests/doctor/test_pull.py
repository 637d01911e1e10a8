"""Pulling is one attempt in bounded time, and a silent registry is asked once per run."""

import threading

import pytest

from drillbook.doctor import pull
from drillbook.doctor.pull import Registries, registry_of


class Engine:
    """A fake engine whose pulls end as they are told to."""

    def __init__(self, act):
        self.api, self.asked, self.act = self, [], act

    def pull(self, repository, tag, **_):
        self.asked.append(f"{repository} {tag}")
        return self.act()


def fails(text):
    def act():
        raise OSError(text)

    return act


def test_a_pull_that_ends_well_is_one():
    engine = Engine(lambda: iter([{"status": "Downloading"}, {"status": "Done"}]))
    assert Registries(engine).pull("postgres:16")
    assert engine.asked == ["postgres 16"]


def test_a_pull_that_reports_an_error_is_none(said):
    assert not Registries(Engine(lambda: iter([{"error": "manifest unknown"}]))).pull("postgres:99")
    assert "manifest unknown" in said()


def test_a_registry_without_a_route_is_asked_once():
    engine = Engine(fails("dial tcp: lookup registry: no such host"))
    registries = Registries(engine)
    assert [registries.pull("postgres:16"), registries.pull("redis:7")] == [False, False]
    assert engine.asked == ["postgres 16"]


def test_another_registry_is_still_asked_after_a_silent_one():
    engine = Engine(fails("no such host"))
    registries = Registries(engine)
    registries.pull("postgres:16")
    registries.pull("ghcr.example/mine:1")
    assert len(engine.asked) == 2


def test_a_registry_that_refuses_one_image_is_asked_for_the_next():
    engine = Engine(fails("pull access denied for mine"))
    registries = Registries(engine)
    registries.pull("mine:1")
    registries.pull("redis:7")
    assert len(engine.asked) == 2


def test_a_pull_without_progress_is_given_up(monkeypatch, said):
    never = threading.Event()
    monkeypatch.setattr(pull, "SECONDS_WITHOUT_PROGRESS", 0.2)
    assert not Registries(Engine(never.wait)).pull("postgres:16")
    assert "no progress for" in said()
    never.set()


@pytest.mark.parametrize(
    ("tag", "asked"),
    [
        ("redis", "redis latest"),
        ("localhost:5000/redis", "localhost:5000/redis latest"),
        ("redis@sha256:0a", "redis sha256:0a"),
    ],
)
def test_a_name_without_a_version_means_the_latest_and_never_all(tag, asked):
    engine = Engine(lambda: iter([]))
    Registries(engine).pull(tag)
    assert engine.asked == [asked]


@pytest.mark.parametrize(
    ("tag", "registry"),
    [("redis:7", "docker.io"), ("prom/node-exporter:v1", "docker.io"), ("localhost:5000/a", "localhost:5000")],
)
def test_the_registry_is_read_from_the_name(tag, registry):
    assert registry_of(tag) == registry
