"""A build that fails shows the end of its log, and stand-ins are made only where they can be."""

from types import SimpleNamespace

import pytest

from drillbook.doctor import Missing, apt, base, build, images, reference


def builder(*events):
    return SimpleNamespace(api=SimpleNamespace(build=lambda **_: iter(events)))


@pytest.fixture(autouse=True)
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_a_failing_build_shows_the_end_of_its_log(tmp_path, said):
    client = builder({"stream": "E: no such package\n"}, {"error": "returned a non-zero code: 100"})
    with pytest.raises(Missing, match="drillbook/redis:1: the build failed: see "):
        build.build(client, tmp_path, tag="drillbook/redis:1", arguments={})
    assert "E: no such package" in said()


def test_a_build_that_ends_well_says_nothing(tmp_path, said):
    build.build(builder({"stream": "Step 1\n"}, {"aux": {}}), tmp_path, tag="drillbook/redis:1", arguments={})
    assert said() == ""


@pytest.fixture
def nothing_here(monkeypatch):
    monkeypatch.setattr(images, "on", lambda _: lambda _tag: False)
    monkeypatch.setattr(base, "is_there", lambda _: False)


@pytest.mark.usefixtures("nothing_here")
def test_another_distribution_cannot_build_stand_ins_and_says_so(machine):
    with pytest.raises(Missing, match="docker load"):
        base.ensure(None, machine(distribution="fedora"))


@pytest.mark.usefixtures("nothing_here")
def test_who_is_not_root_is_told_how_to_get_mmdebstrap(machine):
    with pytest.raises(Missing, match=r"sudo apt-get install mmdebstrap$"):
        base.ensure(None, machine(root=False))


def test_a_base_that_is_here_is_not_built_again(monkeypatch, machine):
    monkeypatch.setattr(images, "on", lambda _: lambda _tag: True)
    monkeypatch.setattr(apt, "install", lambda *_: pytest.fail("nothing is to be installed"))
    base.ensure(None, machine(root=False))


def test_an_incomplete_reference_folder_is_named(tmp_path):
    with pytest.raises(Missing, match="no Dockerfile in"):
        reference.ensure(None, "base", tmp_path)


def test_the_base_comes_from_the_machines_own_mirror_and_trusts_what_it_needs(monkeypatch, machine, tmp_path):
    ran = []
    mirror = apt.Source("https://mirror.example/debian/", "bookworm", "main")
    monkeypatch.setattr(apt, "sources", lambda _: [mirror])
    monkeypatch.setattr(apt, "date_settings", lambda: ['Acquire::Check-Date "false"'])
    monkeypatch.setattr(base, "logged", lambda arguments, **_: ran.extend(arguments))
    base.bootstrap(machine(), tmp_path / "base.tar")
    assert ran[-1].endswith("https://mirror.example/debian/ bookworm main")
    assert "--include=ca-certificates" in ran
    assert '--aptopt=Acquire::Check-Date "false"' in ran
