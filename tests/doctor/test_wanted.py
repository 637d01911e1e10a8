"""Which images the doctor sees to: those that the compose files of a repository's systems name, and no others."""

from __future__ import annotations

import pytest

from drillbook import doctor
from drillbook.common import extras
from drillbook.doctor import engine, images
from drillbook.doctor.wanted import wanted
from drillbook.system.library import Library

SYSTEM = """
[system]
name = "shop"
[services.cache]
kind = "redis"
url = { env = "SHOP_URL" }
[environments.local]
kind = "local"
[stack]
compose = "compose.yaml"
addresses = { SHOP_URL = "redis://{cache:6379}" }
"""


@pytest.fixture
def library(project):
    """The systems of a project with one of them."""
    project.write("systems/shop/system.toml", SYSTEM)
    return Library(project.root, {})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("services: {cache: {image: redis:7}, mine: {image: shop/redis-exporter:1}}", ["redis"]),
        ("services:\n  db:\n    image: 'docker.io/library/postgres:15@sha256:12'\n", ["postgres"]),
        ("image: ${MY_REDIS:-redis:6.2}\nimage: mysql:8\nimage: ghcr.io/postgres-like:1", ["redis"]),
        ("image: ${DRILLBOOK_IMAGE_NODE_EXPORTER:-prom/node-exporter:v1.8.2}", ["node-exporter"]),
        ("image: ${DRILLBOOK_IMAGE_REFERENCE:?run drillbook doctor --fix}", ["reference"]),
        ("services: {web: {build: .}}", []),
    ],
)
def test_it_is_what_the_compose_file_names(project, library, text, names):
    project.write("systems/shop/compose.yaml", text)
    found = wanted(library)
    assert (sorted(image.name for image in found.images), found.untold) == (names, [])


def test_what_the_file_includes_counts_and_may_include_it_in_turn(project, library):
    project.write("systems/shop/compose.yaml", "include: [more/base.yml]")
    project.write("systems/shop/more/base.yml", "# ../compose.yaml\nservices: {cache: {image: 'redis:7'}}")
    assert wanted(library).images == {images.REDIS}


def test_where_a_file_cannot_be_read_it_says_which(project, library):
    assert wanted(library).untold == [
        f"shop: stack.compose: {project.root}/systems/shop/compose.yaml: No such file or directory"
    ]
    project.write("systems/shop/system.toml", "[system]\nname = 7")
    assert wanted(library).untold == ["shop: its images cannot be told: run `drillbook validate shop`"]


def test_a_python_base_is_needed_for_the_reference_image_alone():
    assert images.needed({}, {images.REDIS}) == (images.REDIS,)
    assert images.needed({}, {images.REFERENCE}) == (images.PYTHON, images.REFERENCE)


@pytest.mark.usefixtures("docker_client")
def test_the_doctor_looks_for_those_images_alone(project, library, said):
    project.write("systems/shop/compose.yaml", "services: {cache: {image: redis:7}}")
    assert doctor.run(library, [extras.CHAOS], fix=False) == 0
    assert "\nredis: " in said()
    assert not {"postgres:", "reference:", "node-exporter:"} & {line.split()[0] for line in said().splitlines()}


@pytest.mark.parametrize(("job", "lines"), [("checks", 1), ("load", 2)])
def test_for_checks_and_load_no_engine_is_asked(library, job, lines, said, monkeypatch):
    monkeypatch.setattr(engine, "look", lambda: pytest.fail("nobody needs an engine for that"))
    jobs = [one for one in extras.EXTRAS if one == job]
    assert doctor.run(library, jobs, fix=True) == 0
    assert len(said().splitlines()) == lines


def test_a_folder_that_is_called_like_a_library_is_none(tmp_path, monkeypatch):
    (tmp_path / "moby").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(extras.EXTRAS, extras.CHAOS, ("moby", "testcontainers"))
    assert extras.missing(extras.CHAOS) == "moby, not installed here: pip install 'drillbook[chaos]'"
