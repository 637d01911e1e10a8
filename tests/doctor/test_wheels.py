"""The wheels are those of the Python that will run them, not of the one that fetches."""

import pytest

from drillbook.doctor import Missing, wheels

DEBIAN = {"python_full_version": "3.11.2", "python_version": "3.11", "platform_machine": "x86_64", "extra": ""}
PYTHON = wheels.Python(markers=DEBIAN, glibc="2.36")


def test_markers_are_judged_by_the_python_of_the_image():
    text = "async-timeout==5.0.1 ; python_full_version < '3.11.3'\nbackports==1 ; python_version < '3.9'\n"
    assert wheels.pinned(text, PYTHON) == ["async-timeout==5.0.1"]


def test_comments_and_empty_lines_are_no_requirements():
    assert wheels.pinned("# all pinned\n\nredis==6.0.0  # the client\n", PYTHON) == ["redis==6.0.0"]


@pytest.mark.parametrize("line", ["redis", "redis>=6", "redis>=6,==6.0.0"])
def test_a_requirement_that_is_not_pinned_is_refused(line):
    with pytest.raises(Missing, match="write redis==VERSION"):
        wheels.pinned(line, PYTHON)


def test_a_line_that_is_no_requirement_is_refused():
    with pytest.raises(Missing, match="no requirement"):
        wheels.pinned("--index-url somewhere", PYTHON)


def test_no_wheel_asks_for_a_newer_c_library_than_the_image_has():
    assert "manylinux_2_36_x86_64" in PYTHON.platforms
    assert "manylinux_2_37_x86_64" not in PYTHON.platforms


def test_a_wheel_that_cannot_be_had_says_what_to_look_at(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (tmp_path / "requirements.txt").write_text("no-such-thing==1.0\n")
    with pytest.raises(Missing, match="see that pip can reach its index"):
        wheels.fetch(tmp_path / "requirements.txt", PYTHON, tmp_path)
