"""The user's file is resolved by compose itself, and what it says arrives in the document as compose reads it."""

from __future__ import annotations

import json
import subprocess

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.stack.recipe import configuration

FILE = """
include: [more.yaml]
x-base: &base
  image: ${IMAGE:-redis:7}
  environment: &shared {SHARED: "1", PRICE: "a$$b", HOME_DIR: "${FROM_DOTENV}"}
services:
  web:
    extends: {file: base.yaml, service: common}
    environment: {<<: *shared, OWN: "x"}
    env_file: [web.env]
    command: ["sh", "-c", "echo $$PRICE $${SHARED}"]
    volumes: ["${DATA_DIR}:/data", "./site:/site:ro"]
    configs: [c]
  tool: {<<: *base, profiles: [tools]}
configs:
  c: {content: "price $$5"}
"""
BASE = "services: {common: {image: 'redis:7', environment: {FROM_BASE: 'yes$$'}, cap_add: [NET_ADMIN]}}"
MORE = "services: {more: {image: 'redis:7', environment: {A: 'b'}}}"


@pytest.fixture
def file(tmp_path):
    """A compose file that uses what compose resolves."""
    texts = {"compose.yaml": FILE, "base.yaml": BASE, "more.yaml": MORE, "web.env": "FROM_FILE='sec$ret'\n"}
    for name, text in {**texts, ".env": "FROM_DOTENV=/dotenv\n"}.items():
        (tmp_path / name).write_text(text)
    for folder in ("data", "site"):
        (tmp_path / folder).mkdir()
    return tmp_path / "compose.yaml"


def as_read(path):
    """What compose reads in a file, `$` as containers see it."""
    command = ["docker", "compose", "--file", str(path), "config", "--format", "json"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(said.replace("$$", "$"))


def test_everything_that_compose_resolves_arrives_in_the_document_and_nothing_is_resolved_twice(
    file, document, tmp_path
):
    values = {"DATA_DIR": str(tmp_path / "data"), "COMPOSE_PROJECT_NAME": "drillbook-shop-1"}
    made = document(configuration(file, values))
    (tmp_path / "made.json").write_text(made.text)
    read = as_read(tmp_path / "made.json")
    web = read["services"]["web"]
    assert set(read["services"]) == {"web", "more"}
    assert web["environment"] == {
        "FROM_BASE": "yes$", "FROM_FILE": "sec$ret", "HOME_DIR": "/dotenv", "OWN": "x", "PRICE": "a$b", "SHARED": "1",
    }  # fmt: skip
    assert web["command"] == ["sh", "-c", "echo $PRICE ${SHARED}"]
    assert web["cap_add"] == ["NET_ADMIN"]
    assert read["configs"]["c"]["content"] == "price $5"
    assert [one["type"] for one in web["volumes"]] == ["volume", "bind"]
    assert list(made.fills.values()) == [tmp_path / "data"]
    assert made.read_only == {str(tmp_path / "site")}


def test_a_profile_that_is_asked_for_is_in_the_document_whoever_starts_it(file, document, monkeypatch, tmp_path):
    monkeypatch.setenv("COMPOSE_PROFILES", "tools")
    made = document(configuration(file, {"DATA_DIR": str(tmp_path / "data")}))
    monkeypatch.delenv("COMPOSE_PROFILES")
    (tmp_path / "made.json").write_text(made.text)
    assert "tool" in as_read(tmp_path / "made.json")["services"]


def test_a_file_that_compose_does_not_understand_is_a_mistake_in_its_words(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {web: {imagge: x}}")
    with pytest.raises(Mistakes, match=r"cannot be used: docker compose says:\n.*imagge"):
        configuration(tmp_path / "compose.yaml", {})


def test_a_file_that_names_its_own_folder_by_the_shells_is_read_as_if_started_from_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PWD", "/elsewhere")
    (tmp_path / "compose.yaml").write_text("services: {web: {image: 'a', volumes: ['${PWD}/data:/data']}}")
    (mount,) = configuration(tmp_path / "compose.yaml", {})["services"]["web"]["volumes"]
    assert mount["source"] == str(tmp_path / "data")
