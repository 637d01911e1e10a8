"""Images that a run built go with it, by labels that nothing started from them is mistaken by."""

from __future__ import annotations

import io
import secrets

import pytest

from drillbook.stack.marks import Marks
from drillbook.supervisor.removal import remove_labelled
from drillbook.supervisor.things import IMAGE, listed


@pytest.fixture
def built(engine, redis_image):
    """Builds an image under a tag and with labels; what is left of it is removed at the end."""
    tags = []

    def build(tag, labels, base=redis_image):
        dockerfile = io.BytesIO(f"FROM {base}\nLABEL a={secrets.token_hex(4)}\n".encode())
        tags.append(tag)
        return engine.images.build(fileobj=dockerfile, tag=tag, labels=labels, rm=True)[0]

    yield build
    for tag in tags:
        if engine.images.list(tag):
            engine.images.remove(tag, force=True)


@pytest.fixture
def marks():
    """The marks of a run of this test's own."""
    run = f"test-built-{secrets.token_hex(4)}"
    return Marks(f"drillbook-{run}", {"drillbook": run, "drillbook.owner": f"{run}-owner"})


def test_what_a_run_built_is_found_by_each_of_its_labels_and_goes_with_it(engine, built, marks):
    tag = marks.tag("web")
    built(tag, marks.of_image(tag))
    labels = [f"drillbook={marks.owner}", f"drillbook.owner={marks.owner}-owner"]
    for asked in ([labels[0]], [labels[1]], labels, [labels[0], f"com.docker.compose.project={marks.project}"]):
        (found,) = listed(engine, *asked)
        assert (found.kind, found.name) == (IMAGE, f"{tag}:latest")
    assert found.labels["drillbook.owner"] == f"{marks.owner}-owner"
    removal = remove_labelled(engine, *labels)
    assert (removal.removed, removal.left) == ((f"image {tag}:latest",), ())
    assert engine.images.list(tag) == []


def test_what_was_started_from_it_or_built_on_it_is_not_taken_for_the_runs(engine, built, marks):
    tag, theirs = marks.tag("web"), f"theirs-{secrets.token_hex(4)}"
    ours = built(tag, marks.of_image(tag))
    built(theirs, {}, base=f"{tag}:latest")
    container = engine.containers.create(theirs, network_mode="none")
    try:
        assert engine.images.get(theirs).labels["drillbook.built"] == marks.owner
        assert [one.kind for one in listed(engine, f"drillbook={marks.owner}")] == [IMAGE]
        assert remove_labelled(engine, f"drillbook={marks.owner}").left == ()
        assert engine.images.get(theirs).id != ours.id
        container.reload()
    finally:
        container.remove(v=True)


def test_a_second_tag_of_somebody_elses_keeps_the_image(engine, built, marks):
    tag, theirs = marks.tag("web"), f"theirs-{secrets.token_hex(4)}"
    image = built(tag, marks.of_image(tag))
    image.tag(theirs)
    try:
        remove_labelled(engine, f"drillbook={marks.owner}")
        assert engine.images.get(theirs).id == image.id
    finally:
        engine.images.remove(theirs)
