"""FILES.md is true: every file of the engine is on it, in its own words."""

import importlib.util
from pathlib import Path

HERE = Path(__file__).parent


def load():
    spec = importlib.util.spec_from_file_location("files_page", HERE / "files_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date():
    assert (HERE.parent / "FILES.md").read_text() == load().page(), "run `make files`"


def test_every_file_of_the_engine_is_on_it_and_says_what_it_is_for():
    made = load()
    listed = {path for names in made.ORDER.values() for name in names for path in made.files(name)}
    assert listed == set(made.ENGINE.rglob("*.py"))
    assert [path for path in listed if not made.first_line(path)] == []
