"""`drillbook explain` says in a terminal what the reference has of a name, wherever in a project one is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drillbook.reference import examples
from drillbook.system.kinds import kinds

CLIENTS = '"redis.clients"]\nunit = "%"\nmedium = "> 77"'


OWN = {
    "kinds/tcp/__init__.py": """
from drillbook.system.kinds import Kind
KIND = Kind(__name__, noun="tcp", about="Ports.", table="Tcp", answers="Tcp", up="tcp.up", limits=("tcp",))
""",
    "kinds/tcp/table.py": """
from drillbook.system.services import Service
class Tcp(Service):
    'Ports that somebody waits at.'
    port: int
    'Its number.'
""",
}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("redis.memory", "Memory in use, in % of maxmemory"),
        ("redis.memory(broker)", "Memory in use, in % of maxmemory"),
        ("items.latency", "How long the endpoint took to serve"),
        ("services.redis.roles", "Example: `roles = [\"cache\"]`"),
        ("http.health", "- `parts` ("),
        ("redis", 'Judged on it: `redis.up`'),
        ("limits.off", "with the reason, which is reported as not covered"),
        ("signals.read.log.window", '`as = "count"` needs it'),
        ("12", "12: refused for safety."),
        ("no traffic in 5.0 s", "Nothing happened that could be measured"),
    ],
)  # fmt: skip
def test_it_explains(project, name, words):
    ran = project.drillbook("explain", name)
    assert ran.code == 0, ran.said
    assert words in ran.said
    assert "](" not in ran.said
    assert "<a id" not in ran.said


def test_a_name_that_there_is_not_is_a_mistake_with_the_nearest(project):
    ran = project.drillbook("explain", "redis.memmory")
    assert (ran.code, "did you mean redis.memory" in ran.said) == (4, True), ran.said
    ran = project.drillbook("explain", "99")
    assert (ran.code, "name a limit (redis.memory), a key" in ran.said) == (4, True), ran.said


def test_it_says_the_house_defaults_of_the_project_from_whatever_folder(project):
    project.edit("systems/house.toml", '"redis.clients"]\nunit = "%"\nmedium = "> 80"', CLIENTS)
    project.write("systems/shop/notes/here.txt", "")
    inside = replace(project, root=project.root / "systems" / "shop" / "notes")
    for one in (project, inside):
        ran = one.drillbook("explain", "redis.clients")
        assert (ran.code, "medium `> 77 %`" in ran.said) == (0, True), ran.said


def test_with_a_target_it_says_what_is_in_force_there(project):
    project.write("systems/shop/system.toml", examples.WHOLE.read_text())
    for name, words in {
        "database.connections": "In force for shop: high `> 85 %`, critical `>= 100 %` (Database full).",
        "redis.memory": "In force for shop: off: the cache is the hosting team's",
        "redis.ping": "In force for shop: medium `> 50 ms`, high `> 500 ms` (house default).",
        "documents.age": "Read from the service `database`.",
        "services.cache.url": "services.redis.url",
        "scraper.success(reddit)": "In force for shop: medium `< 20 %` (stated in systems/shop/system.toml).",
    }.items():
        ran = project.drillbook("explain", name, "--target", "shop@staging")
        assert (ran.code, words in " ".join(ran.said.split())) == (0, True), ran.said
    ran = project.drillbook("explain", "documents.age")
    assert ran.code == 4, ran.said


def test_a_kind_of_the_projects_own_is_explained_too(project):
    for path, text in OWN.items():
        project.write(path, text)
    assert "Ports that somebody waits at." in project.drillbook("explain", "tcp").said
    assert "`port` (a whole number; must be there): Its number." in project.drillbook("explain", "tcp.port").said


def test_all_kinds_are_explained(project):
    for name in kinds():
        ran = project.drillbook("explain", name)
        assert (ran.code, f'kind = "{name}"' in ran.said) == (0, True), ran.said
