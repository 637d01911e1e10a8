"""What is declared is judged: each service of a kind, by name, and nothing that the file says is passed over."""

from __future__ import annotations

import shutil
import socket
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import SimpleNamespace

import pytest

from drillbook.judging.gate import Gate
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict
from drillbook.plugin.declared import Declarations
from drillbook.plugin.opening import facts_of
from drillbook.plugin.selection import LEFT_OUT, selection
from drillbook.system.library import Library
from drillbook.system.target import load_target

RUN = ("checks", "--target", "shop@local", "--interval", "0.2")

SERVICES = """
[services.admin]
kind = "http"
url = { env = "SHOP_ADMIN_URL" }
headers = { Authorization = { env = "SHOP_TOKEN", prefix = "Bearer " } }
health = { path = "/health" }
endpoints.items = { path = "/items" }
endpoints.users = { path = "/items" }
[services.cache]
kind = "redis"
roles = ["cache"]
url = { env = "SHOP_CACHE_URL" }
[services.broker]
kind = "redis"
roles = ["broker"]
url = { env = "SHOP_BROKER_URL" }
[limits."redis.memory(broker)"]
unit = "%"
critical = "> 70"
"""
CHECKS = '''
"""The two servers that keep things for the shop."""


def test_redis_answers(redis, judge):
    judge("redis.up", redis.answers())


def test_there_is_room(redis, judge):
    judge("redis.memory", redis.memory_used())


def test_it_is_useful(redis, judge):
    judge("cache.hit_rate", redis.hit_rate())
'''
INFO = "\r\n".join(
    ["used_memory:75", "maxmemory:100", "keyspace_hits:{hits}", "keyspace_misses:0", "run_id:one", "role:master", ""]
)


class Redis(StreamRequestHandler):
    """Answers PING and INFO, and takes everything else with OK."""

    def handle(self):
        hits = 0
        while line := self.rfile.readline():
            words = [self._word() for _ in range(int(line[1:]))]
            if words[0].upper() == "INFO":
                self.server.hits = hits = getattr(self.server, "hits", 0) + 10
                text = INFO.format(hits=hits)
                self.wfile.write(f"${len(text)}\r\n{text}\r\n".encode())
            else:
                self.wfile.write(b"+PONG\r\n" if words[0].upper() == "PING" else b"+OK\r\n")

    def _word(self):
        self.rfile.readline()
        return self.rfile.readline().decode().strip()


@pytest.fixture
def redis_url():
    """A server that speaks Redis's protocol well enough to be asked; gives its address."""
    with ThreadingTCPServer(("127.0.0.1", 0), Redis) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        server.shutdown()


@pytest.fixture
def dead_port():
    """A port on which nobody listens, for as long as the test lasts."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def two(shop_project, shop, redis_url):
    """The shop with two APIs and two Redis servers, all of them well, and checks that judge all that is declared."""
    shop_project.edit("systems/shop/system.toml", "[environments", f"{SERVICES}[environments")
    shop_project.write("checks/test_redis.py", CHECKS)
    urls = {"SHOP_ADMIN_URL": shop.url, "SHOP_CACHE_URL": redis_url, "SHOP_BROKER_URL": redis_url}
    shop_project.environ |= urls
    return shop_project


def declare(project, text):
    """Adds to the system file."""
    project.edit("systems/shop/system.toml", "[environments", f"{text}\n[environments")


def reasons(project):
    """The stated reasons of the newest run, by what they are for."""
    return {line["check"]: line["reason"] for line in project.journal() if line["kind"] == "skip"}


def report(project, name):
    """A file of the newest run's report."""
    return (project.root / "reports" / "latest" / name).read_text().replace("\\", "")  # Markdown escapes


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_second_of_a_kind_that_is_down_is_named(two, dead_port, workers):
    shutil.rmtree(two.root / "checks")
    shutil.copytree(two.checkout / "checks", two.root / "checks")
    two.environ |= {
        "SHOP_ADMIN_URL": f"http://127.0.0.1:{dead_port}",
        "SHOP_BROKER_URL": f"redis://127.0.0.1:{dead_port}",
    }
    ran = two.pytest(*RUN, *workers)
    assert ran.code == 1, ran.said
    assert "CRITICAL api.up(admin): no, /health: connection refused" in ran.said
    assert "HIGH redis.up(broker): no, connection refused" in ran.said
    assert "users.ok: api.up(admin) is red" in ran.said
    lines = ran.said.splitlines()
    under = {one: lines[place + 1] for place, one in enumerate(lines) if "redis.up(broker): no" in one}
    assert any("  and so 6 more: redis.clients(broker), redis.evictions(broker), " in one for one in under.values())
    verdicts = two.verdicts()
    assert verdicts["api.up(web)"] == verdicts["redis.up(cache)"] == verdicts["items.ok(web)"] == "OK"
    assert verdicts["health.cache"] == "OK", "one service alone has such a part"
    assert (verdicts["cache.hit_rate(cache)"], verdicts["cache.hit_rate(broker)"]) == ("OK", "skipped")
    assert "broker has the role broker, not cache" in ran.said
    assert "nothing judged it" not in ran.said
    assert {line["service"] for line in two.journal() if line["kind"] == "verdict"} == {
        "web",
        "admin",
        "cache",
        "broker",
    }
    for name in ("summary.md", "index.html"):
        assert "redis.up(broker)" in report(two, name)
        assert "and so 6 more: redis.clients(broker)" in report(two, name)
    assert not [line for line in report(two, "summary.md").splitlines() if "| redis.clients(broker) |" in line]


OVERRIDE = """
import pytest

@pytest.fixture
def redis(redis):
    with open("seen.txt", "a") as seen:
        print(redis.service.name, file=seen)
    return redis
"""


def test_all_that_is_declared_is_judged_and_a_limit_of_one_service_is_its_own(two):
    two.write("conftest.py", OVERRIDE)
    ran = two.pytest(*RUN, "-v", "--gate", "critical")
    assert ran.code == 1, ran.said
    assert "CRITICAL redis.memory(broker): 75 % > 70 %" in ran.said
    assert two.verdicts()["redis.memory(cache)"] == "OK"
    assert "test_redis_answers[broker]" in ran.said
    assert "test_items[admin-users]" in ran.said
    assert "test_up[web]" in ran.said
    assert "nothing judged it" not in ran.said
    assert set((two.root / "seen.txt").read_text().split()) == {"cache", "broker"}


def test_one_of_a_kind_keeps_its_names_and_its_fixtures_may_be_overridden(two):
    two.edit("systems/shop/system.toml", "[services.broker]", "[services.tasks]")
    two.edit("systems/shop/system.toml", 'kind = "redis"\nroles = ["cache"]', 'kind = "host"')
    two.edit("systems/shop/system.toml", "redis.memory(broker)", "redis.memory")
    two.write("conftest.py", OVERRIDE)
    ran = two.pytest("checks/test_redis.py", *RUN[1:], "-v", "--gate", "critical")
    assert "test_redis_answers PASSED" in ran.said
    assert two.verdicts()["redis.up"] == "OK"
    assert set((two.root / "seen.txt").read_text().split()) == {"tasks"}


def test_what_nothing_judged_is_unknown_at_its_worst(two):
    declare(
        two,
        '[limits."shop.baskets"]\nown = true\nlow = "> 5"\n[limits."api.p99"]\nown = true\nunit = "ms"\nhigh = "> 9"',
    )
    declare(two, '[services.stripe]\nkind = "http"\nroles = ["upstream"]\nurl = { env = "SHOP_URL" }')
    (two.root / "checks" / "test_redis.py").unlink()
    two.edit("checks/test_shop.py", 'judge(f"{endpoint}.ok", api.serves(endpoint))', "assert judge")
    two.edit(
        "checks/test_shop.py", 'judge(f"{endpoint}.latency", api.latency(endpoint))', 'judge("api.up", api.answers())'
    )
    ran = two.pytest(*RUN)
    assert ran.code == 11, ran.said
    words = 'declared, and nothing judged it: add a check that takes redis and calls judge("redis.up", …) to checks/'
    assert f"UNKNOWN (high) services.broker: {words}, or delete it from system.toml" in ran.said
    assert "and so 1 more: services.cache" in ran.said
    assert {title for title, verdict in two.verdicts().items() if verdict == "UNKNOWN"} == {
        "services.cache",
        "services.broker",
        "services.web.endpoints.items",
        "services.admin.endpoints.items",
        "services.admin.endpoints.users",
        "limits.redis.memory(broker)",
        "limits.shop.baskets",
        "services.stripe",
    }
    assert "UNKNOWN (medium) services.stripe" in ran.said
    assert "UNKNOWN (critical) services.admin.endpoints.users" in ran.said
    assert "UNKNOWN (critical) limits.redis.memory(broker)" in ran.said
    assert "UNKNOWN (low) limits.shop.baskets" in ran.said
    assert reasons(two) == {
        "limits.api.p99": "load profiles judge it: `pytest load`",
    }
    for name in ("summary.md", "index.html"):
        assert "services.admin.endpoints.users" in report(two, name)


@pytest.mark.parametrize(
    ("selected", "words"),
    [
        (("checks", "-k", "redis or room or useful"), "-k redis or room or useful"),
        (("checks", "-n", "2", "-k", "redis or room or useful"), "-k redis or room or useful"),
        (("checks/test_redis.py",), "checks/test_redis.py"),
    ],
)
def test_a_selection_says_what_it_left_out_and_is_not_failed_for_it(two, selected, words):
    declare(two, '[limits."redis.evictions"]\nunit = "keys/s"\nlow = "> 0"')
    ran = two.pytest(*selected, *RUN[1:], "--gate", "low")
    assert ran.code == 1, "the broker is over its own limit"
    left = reasons(two)[f"left out by {words}"]
    assert left == "services.web, services.admin, limits.redis.evictions"
    assert f"not covered: left out by {words}: {left}" in ran.said
    assert left in report(two, "summary.md")
    assert "UNKNOWN" not in two.verdicts().values()


def test_rounds_are_judged_together_at_their_end(two):
    declare(two, '[limits."redis.evictions"]\nunit = "keys/s"\nlow = "> 0"\nhigh = "> 5"')
    ran = two.pytest(*RUN, "--every", "300ms", "--rounds", "2")
    found = [line for line in two.journal() if line["kind"] == "verdict" and line["name"] == "limits.redis.evictions"]
    assert [line["verdict"] for line in found] == ["UNKNOWN"]
    assert ran.said.count("nothing judged it") == 1


def test_a_stated_reason_and_a_crash_speak_of_what_they_are_about(two):
    two.edit("systems/shop/system.toml", '[limits."redis.memory(broker)"]\nunit = "%"\ncritical = "> 70"', "")
    declare(
        two,
        '[limits."redis.memory"]\nunit = "%"\nhigh = "> 80"\n[limits."redis.evictions"]\nunit = "keys/s"\nlow = "> 5"',
    )
    two.edit(
        "checks/test_shop.py", "def test_items", "import pytest\n\n\n@pytest.mark.skip(reason='sold')\ndef test_items"
    )
    skip = "import pytest\n\npytestmark = pytest.mark.skip(reason='moving house')\n"
    two.write("checks/test_redis.py", skip + CHECKS)
    ran = two.pytest(*RUN)
    assert ran.code == 0, ran.said
    assert "moving house" in ran.said
    unknown = [title for title, verdict in two.verdicts().items() if verdict == "UNKNOWN"]
    assert unknown == ["limits.redis.evictions"], "no check that was skipped would have judged it"
    two.write("checks/test_redis.py", CHECKS)
    two.write("conftest.py", "import pytest\n\n@pytest.fixture\ndef redis(): raise OSError('the lid is shut')\n")
    ran = two.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert "the check crashed: OSError: the lid is shut" in ran.said
    assert ran.said.count("nothing judged it") == 1


def test_a_run_that_did_not_come_to_its_end_is_judged_by_nothing_more(two):
    two.write("checks/test_a.py", "import pytest\n\ndef test_a(judge):\n    pytest.exit('enough')\n")
    assert two.pytest(*RUN).code == 2
    assert not [line for line in two.journal() if line["kind"] == "verdict"]


def test_the_users_conftest_changes_nothing_and_what_it_shows_works(two, shop):
    conftest = (two.checkout / "conftest.py").read_text()
    two.write("conftest.py", conftest)
    assert two.pytest(*RUN).code == 1, "the broker's own limit"
    before = two.verdicts()
    [toml, check] = (
        conftest.partition("# systems/shop/system.toml\n")[2].partition('"""')[0].split("# checks/test_stock.py")
    )
    declare(two, "\n".join(line.strip() for line in toml.splitlines()))
    two.write("checks/test_stock.py", "\n".join(line.removeprefix("    ") for line in check.splitlines()))
    shop.say("/stock", {"items": 1})
    ran = two.pytest(*RUN)
    assert "HIGH items.count(web): 1 items < 2 items" in ran.said
    assert two.verdicts() == before | {"items.count(web)": "BREACHED", "items.count(admin)": "BREACHED"}


@pytest.fixture
def target(two):
    """The shop with two of a kind, and a machine with two file systems, described and not asked."""
    two.environ["SHOP_NODE_URL"] = "http://127.0.0.1:1"
    declare(two, '[services.box]\nkind = "host"\nurl = { env = "SHOP_NODE_URL" }\nmounts = ["/", "/data"]')
    return load_target("shop@local", Library(two.root, two.environ))


def judged(missing=None):
    """A verdict on everything that the shop declares, but for what is missing."""
    names = {
        "web": ("api.up", "api.ready", "api.healthy", "api.errors", "api.p95", "pool.used", "health.cache", "items.ok"),
        "admin": ("api.up", "items.latency", "users.ok"),
        "cache": ("redis.up",),
        "broker": ("redis.memory",),
    }
    found = [(name, service, "") for service, its in names.items() for name in its]
    found += [("host.disk_free", "box", "/"), ("host.inodes_free", "box", "/data")]
    for name, service, of in found:
        if (name, service, of) != missing:
            yield Verdict(name, Outcome.SKIPPED, None, Severity.HIGH, service=service, of=of)


@pytest.mark.parametrize(
    ("missing", "what"),
    [
        (("redis.up", "cache", ""), "services.cache"),
        (("api.ready", "web", ""), "services.web.ready"),
        (("api.healthy", "web", ""), "services.web.health.up"),
        (("health.cache", "web", ""), "services.web.health.parts.cache"),
        (("api.errors", "web", ""), "services.web.metrics.requests"),
        (("api.p95", "web", ""), "services.web.metrics.latency"),
        (("pool.used", "web", ""), "services.web.metrics.pool"),
        (("items.ok", "web", ""), "services.web.endpoints.items"),
        (("users.ok", "admin", ""), "services.admin.endpoints.users"),
        (("host.inodes_free", "box", "/data"), "services.box.mounts./data"),
    ],
)
def test_each_thing_that_is_declared_wants_a_word_of_its_own(target, missing, what):
    assert Declarations(target).unjudged(judged()) == []
    [verdict] = Declarations(target).unjudged(judged(missing))
    assert (verdict.title, verdict.outcome) == (what, Outcome.UNKNOWN)


def test_a_limit_of_one_service_is_not_judged_by_a_verdict_on_another(target):
    others = [one for one in judged() if one.service != "broker"]
    up, memory = (
        Verdict(name, Outcome.OK, None, Severity.HIGH, service=service)
        for name, service in (("redis.up", "broker"), ("redis.memory", "cache"))
    )
    [verdict] = Declarations(target).unjudged([*others, up, memory])
    assert (verdict.title, verdict.severity) == ("limits.redis.memory(broker)", Severity.CRITICAL)


def test_only_a_percentile_that_no_check_of_ours_asks_for_is_left_to_profiles(two):
    stated = (
        '[limits."api.p95"]\nunit = "ms"\nhigh = "> 9"\n[limits."api.p99(web)"]\nown = true\nunit = "ms"\nhigh = "> 9"'
    )
    declare(two, stated)
    found = Declarations(load_target("shop@local", Library(two.root, two.environ)))
    assert {"limits.api.p95"} == {one.title for one in found.unjudged([]) if "api" in one.title}
    assert set(found.reasons([])) == {"limits.api.p99(web)"}


def test_figures_show_the_limits_that_hold_for_whom_visitors_talk_to(two):
    declare(
        two,
        '[limits."api.p95(web)"]\nunit = "ms"\nhigh = "> 9"\n[limits."redis.memory(cache)"]\nunit = "%"\nlow = "> 8"',
    )
    target = load_target("shop@local", Library(two.root, two.environ))
    config = SimpleNamespace(invocation_params=SimpleNamespace(args=["load"]))
    limits = facts_of(config, target, Gate())["limits"]
    assert limits["api.p95"]["rungs"] == limits["api.p95(web)"]["rungs"] == {"high": "> 9"}
    assert limits["redis.memory(cache)"]["rungs"] == {"low": "> 8"}
    assert "low" not in limits["redis.memory"]["rungs"]


def test_a_drill_may_name_what_reports_print(target):
    titles = target.limits.titles()
    assert {"redis.up(broker)", "items.ok(admin)", "users.ok", "redis.up", "host.disk_free(/data)"} <= titles
    assert not {"redis.up(web)", "users.ok(admin)", "host.up(box)"} & titles


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ""),
        ({"args": ["."]}, ""),
        ({"args": ["checks", "tests"]}, ""),
        ({"args": ["checks/test_api.py"]}, "checks/test_api.py"),
        ({"args": ["checks/test_api.py::test_up"]}, "checks/test_api.py::test_up"),
        ({"keyword": "up"}, "-k up"),
        ({"markexpr": "quick"}, "-m quick"),
        ({"deselect": ["checks/test_api.py"]}, "--deselect checks/test_api.py"),
        ({"lf": True}, "--lf"),
        ({"stepwise": True}, "--stepwise"),
        ({"ignore": ["checks/test_api.py"]}, "--ignore checks/test_api.py"),
        ({"ignore": ["docs"]}, ""),
        ({"ignore_glob": ["*_api.py"]}, "--ignore-glob *_api.py"),
        ({"maxfail": 1}, "the end at the first failure"),
        ({"maxfail": 3}, ""),
        ({"keyword": "up", "lf": True}, "-k up, --lf"),
    ],
)
def test_whatever_leaves_checks_out_is_a_selection(tmp_path, options, words):
    assert selection(session_with(tmp_path, options, left_out=True)) == words


@pytest.mark.parametrize("options", [{"keyword": "not slow"}, {"lf": True}, {"deselect": ["docs"]}, {"markexpr": "x"}])
def test_an_option_that_leaves_nothing_out_is_no_selection(tmp_path, options):
    assert selection(session_with(tmp_path, options, left_out=False)) == ""


@pytest.mark.parametrize("workers", [(), pytest.param(("-n", "2"), marks=pytest.mark.proof)], ids=["alone", "workers"])
@pytest.mark.parametrize("selected", [("-k", "not slow"), pytest.param(("--lf",), marks=pytest.mark.proof)])
def test_what_nothing_judged_is_unknown_also_where_an_option_left_nothing_out(two, selected, workers):
    (two.root / "checks/test_redis.py").unlink()
    ran = two.pytest(*RUN, *selected, *workers)
    assert ran.code == 11
    assert "services.broker: declared, and nothing judged it" in ran.said
    assert "left out by" not in ran.said


def session_with(root, options, *, left_out):
    option = SimpleNamespace(**{"ignore": None, "ignore_glob": None, "maxfail": 0, "keyword": "", **options})
    config = SimpleNamespace(
        args=options.get("args", ["checks"]),
        option=option,
        rootpath=root,
        invocation_params=SimpleNamespace(dir=root),
        stash={LEFT_OUT: left_out},
    )
    return SimpleNamespace(config=config, testsfailed=2)
