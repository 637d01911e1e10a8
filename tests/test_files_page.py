"""FILES.md is true: every room of the engine is a chapter, and every file says what it is for."""

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


def test_every_room_is_a_chapter():
    made = load()
    assert {path.parent.name for path in made.ENGINE.glob("*/__init__.py")} <= set(made.ROOMS)


def test_every_file_says_what_it_is_for():
    made = load()
    assert [path for path in made.ENGINE.rglob("*.py") if not made.first_line(path)] == []


def test_a_file_comes_after_those_that_it_is_built_on():
    made = load()
    names = [path.stem for path in made.in_reading_order((made.ENGINE / "judging").glob("*.py"))]
    assert names.index("severity") < names.index("verdict") < names.index("gate")
