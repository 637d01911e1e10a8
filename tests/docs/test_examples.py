"""Every example of the reference is read as (part of) a system file by the real reader."""

from __future__ import annotations

import re
import tomllib

import pytest

from drillbook.reference import examples
from drillbook.reference.tables import tables
from drillbook.system.kinds import kinds
from drillbook.system.library import Library
from drillbook.system.validated import limits_of

FENCE = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
WHOLE = examples.document(examples.WHOLE.read_text())
FIRST = examples.FIRST.read_text()


def read(project, document):
    """The example as a system file of the project, read and held against the house defaults."""
    lines = [f"{name} = {examples.written(table)}" for name, table in document.items()]
    project.write("systems/shop/system.toml", "\n".join(lines))
    return limits_of(Library(project.root, {}), "shop")


@pytest.mark.parametrize("name", [kind.name for kind in kinds().values()])
def test_the_example_of_each_kind_is_a_system_file(project, name):
    text = examples.text_of(kinds()[name])
    project.write("systems/shop/system.toml", text)
    system, limits = limits_of(Library(project.root, {}), "shop")
    assert name in {service.kind for service in system.services.values()}
    assert limits.judged_on[kinds()[name].up]
    assert text.startswith('[system]\nname = "shop"\n')


@pytest.mark.parametrize("text", [examples.WHOLE.read_text(), FIRST], ids=["whole", "first"])
def test_the_examples_of_whole_files_are_system_files(project, text):
    project.write("systems/shop/system.toml", text)
    system, _ = limits_of(Library(project.root, {}), "shop")
    assert {"web", "database", "cache"} <= {*system.services}


def test_every_block_of_the_page_is_read_within_a_whole_file(project, pytestconfig):
    blocks = FENCE.findall((pytestconfig.rootpath / "docs" / "system-file.md").read_text())
    documents = [tomllib.loads(block) for block in blocks]
    assert len(documents) > 15
    for document in documents:
        read(project, document if "services" in document else WHOLE | document)


def test_what_is_shown_of_a_key_is_toml():
    shown = [key for table in tables() for key in table.keys if key.example]
    assert len(shown) > 150
    assert [key.place for key in shown if [*tomllib.loads(key.example)] != [key.name]] == []


def test_an_example_that_is_wrong_would_be_seen(project):
    with pytest.raises(Exception, match=r"documents\.age\.as"):
        read(project, WHOLE | {"signals": {"documents.age": WHOLE["signals"]["documents.age"] | {"as": "years"}}})
