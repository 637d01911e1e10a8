"""Every way we know to make a run measure nothing, or the wrong thing: none of them exits 0."""

from __future__ import annotations

import resource
import socket

import pytest

RUN = ("checks", "--target", "shop@local", "--interval", "0.2")
EXTRA = "checks/test_extra.py"
CASES = {}


def sabotage(code: int, *messages: str, arguments: tuple[str, ...] = RUN):
    """Registers a way to spoil a run: the exit code and the words it must end in."""

    def register(spoil):
        CASES[spoil.__name__] = (spoil, code, messages, arguments)
        return spoil

    return register


# --- the run itself ---------------------------------------------------------------------------------------------


@sabotage(2, "ModuleNotFoundError")
def a_check_file_does_not_import(project, shop):
    project.write(EXTRA, "import a_module_that_is_not_there\n\ndef test_x(judge): pass\n")


@sabotage(2, "ModuleNotFoundError", arguments=(*RUN, "-n", "2"))
def a_check_file_does_not_import_in_two_workers(project, shop):
    project.write(EXTRA, "import a_module_that_is_not_there\n\ndef test_x(judge): pass\n")


@sabotage(2, "ModuleNotFoundError", arguments=(*RUN, "--continue-on-collection-errors"))
def a_check_file_does_not_import_and_the_run_goes_on(project, shop):
    project.write(EXTRA, "import a_module_that_is_not_there\n\ndef test_x(judge): pass\n")


@sabotage(5, "deselected", arguments=(*RUN, "-k", "nothing_like_this"))
def the_selection_is_empty(project, shop):
    pass


@sabotage(5, arguments=(*RUN, "-n", "2", "-k", "nothing_like_this"))
def the_selection_is_empty_in_two_workers(project, shop):
    pass


@sabotage(4, "not found", arguments=("checks/test_gone.py", *RUN[1:]))
def the_selected_file_is_not_there(project, shop):
    pass


@sabotage(5)
def there_are_no_check_files(project, shop):
    (project.root / "checks" / "test_shop.py").unlink()


@sabotage(4, "shop@local is not asked", "pytest checks", arguments=("others", *RUN[1:]))
def the_checks_are_in_a_folder_of_another_name(project, shop):
    (project.root / "checks").rename(project.root / "others")


@sabotage(4, "shop@local is not asked", "--rootdir=.", arguments=(*RUN, "--reports", "../elsewhere"))
def the_rootdir_is_that_of_a_folder_for_reports(project, shop):
    (project.root / "pyproject.toml").unlink()
    (project.root.parent / "elsewhere").mkdir()


@sabotage(11, "this run proves nothing", "not covered: checks/test_shop.py::test_up and 5 more: later")
def every_check_is_skipped(project, shop):
    project.write("conftest.py", SKIP_ALL)


SKIP_ALL = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.skip(reason="later"))
"""


@sabotage(11, "this check judged nothing")
def a_check_judges_nothing(project, shop):
    project.write(EXTRA, "def test_lazy(api):\n    api.answers()\n")


@sabotage(11, "this check judged nothing")
def a_check_of_another_shape_judges_nothing(project, shop):
    project.write(EXTRA, "import unittest\n\nclass TestX(unittest.TestCase):\n    def test_x(self): pass\n")


@sabotage(11, "this run proves nothing", arguments=(*RUN, "--setup-only"))
def only_set_up_is_run(project, shop):
    pass


@sabotage(11, "this run proves nothing", arguments=(*RUN, "--gate", "critical", "-k", "p95"))
def nothing_measured_could_reach_the_gate(project, shop):
    pass


@sabotage(11, "the check crashed: ZeroDivisionError")
def a_check_crashes(project, shop):
    project.write(EXTRA, "def test_x(judge):\n    1 / 0\n")


@sabotage(11, "the check crashed: ZeroDivisionError")
def a_fixture_crashes(project, shop):
    project.write(EXTRA, "import pytest\n\n@pytest.fixture\ndef bad(): 1 / 0\n\ndef test_x(bad, judge): pass\n")


@sabotage(11, "the check crashed: ZeroDivisionError")
def a_teardown_crashes(project, shop):
    project.write(EXTRA, TEARDOWN_CRASHES)


TEARDOWN_CRASHES = """
import pytest

@pytest.fixture
def bad():
    yield
    1 / 0

def test_x(bad, api, judge):
    judge("api.up", api.answers())
"""


@sabotage(11, "no limit is called 'api.pu': did you mean api.up")
def a_check_names_an_unknown_limit(project, shop):
    project.write(EXTRA, 'def test_x(api, judge):\n    judge("api.pu", api.answers())\n')


@sabotage(1, "CRITICAL test_x: no", "assert 1 == 2")
def a_plain_assert_fails(project, shop):
    project.write(EXTRA, "def test_x(judge):\n    assert 1 == 2\n")


@sabotage(11, "crashed", arguments=(*RUN, "-n", "2"))
def an_xdist_worker_dies(project, shop):
    project.write(EXTRA, "import os\n\ndef test_x(judge):\n    os._exit(0)\n")


@sabotage(2, "done", arguments=RUN)
def a_check_ends_the_run_as_if_all_were_well(project, shop):
    project.write(EXTRA, 'import pytest\n\ndef test_x(judge):\n    pytest.exit("done", returncode=0)\n')


@sabotage(1, "CRITICAL api.up", arguments=(*RUN, "-x"))
def a_breach_stops_the_run_at_once(project, shop):
    shop.say("/health", {}, status=500)


@sabotage(1, "CRITICAL api.up", arguments=(*RUN, "-x", "-n", "2"))
def a_breach_stops_two_workers_at_once(project, shop):
    shop.say("/health", {}, status=500)


@sabotage(1, "CRITICAL api.up")
def a_breach_is_marked_as_expected(project, shop):
    shop.say("/health", {}, status=500)
    project.edit("checks/test_shop.py", "def test_up", "import pytest\n\n\n@pytest.mark.xfail\ndef test_up")


@sabotage(1, "CRITICAL api.up")
def a_check_skips_itself_after_a_breach(project, shop):
    shop.say("/health", {}, status=500)
    project.edit(
        "checks/test_shop.py", "def test_part", "    import pytest; pytest.skip('never mind')\n\n\ndef test_part"
    )


@sabotage(1, "CRITICAL api.up")
def a_check_swallows_everything(project, shop):
    shop.say("/health", {}, status=500)
    swallow = "    try:\n        judge('api.up', api.answers())\n    except BaseException:\n        pass\n"
    project.write("checks/test_shop.py", f"def test_x(api, judge):\n{swallow}")


@sabotage(4, "choose another --reports")
def the_journal_cannot_be_opened(project, shop):
    project.write("reports", "a file where the folder should be")


@sabotage(4, "severe", arguments=(*RUN, "--gate", "severe"))
def the_gate_is_no_severity(project, shop):
    pass


@sabotage(4, "unrecognized arguments: --target", arguments=(*RUN, "-p", "no:drillbook.plugin"))
def the_plugin_is_switched_off(project, shop):
    pass


# --- the target -------------------------------------------------------------------------------------------------


@sabotage(4, "no target chosen: pass --target SYSTEM@ENV (known: shop@local)", arguments=("checks",))
def no_target_is_chosen(project, shop):
    pass


@sabotage(4, "no target chosen", arguments=("checks", "-n", "2"))
def no_target_is_chosen_for_two_workers(project, shop):
    pass


@sabotage(4, "no target chosen", arguments=(".",))
def no_target_is_chosen_and_everything_is_run(project, shop):
    pass


@sabotage(4, "known: shop@local", arguments=("checks", "--target", "shop@prod"))
def the_target_is_unknown(project, shop):
    pass


@sabotage(4, "SHOP_URL is not set", "SHOP_TOKEN is not set")
def addresses_are_missing(project, shop):
    project.environ.clear()


@sabotage(4, "services.web.hael: unknown key")
def the_system_file_has_a_typo(project, shop):
    project.edit("systems/shop/system.toml", "ready =", 'hael = "x"\nready =')


@sabotage(4, "did you mean api.p95")
def the_system_file_limits_something_that_nobody_judges(project, shop):
    project.edit("systems/shop/system.toml", "[environments", '[limits."api.p59"]\nhigh = "> 1"\n[environments')


# --- what is out there ------------------------------------------------------------------------------------------


@sabotage(1, "CRITICAL api.up: no, /health: connection refused", "UNKNOWN (critical) api.errors: api.up is red")
def nobody_listens(project, shop):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        project.environ["SHOP_URL"] = f"http://127.0.0.1:{free.getsockname()[1]}"


@sabotage(1, "CRITICAL api.up: no, /health: no answer within 1 s")
def the_server_never_answers(project, shop):
    project.edit("systems/shop/system.toml", 'deadline = "5s"', 'deadline = "1s"')
    shop.say("/health", {"status": "healthy", "cache": True}, wait=60.0)


@sabotage(11, "api.up", "resolve")
def the_name_does_not_resolve(project, shop):
    project.environ["SHOP_URL"] = "http://no-such-host.invalid"


@sabotage(11, "api.up")
def the_port_speaks_no_tls(project, shop):
    project.environ["SHOP_URL"] = shop.url.replace("http:", "https:")


@sabotage(11, "api.up", "is this really web?")
def another_server_is_on_the_port(project, shop):
    for path in ("/health", "/ready", "/items", "/metrics"):
        shop.say(path, "<html>It works!</html>")


@sabotage(11, "api.up", "404")
def the_health_page_is_not_there(project, shop):
    del shop.answers["/health"]


@sabotage(11, "api.up", "302")
def the_health_page_redirects_to_a_login(project, shop):
    shop.say("/health", "", 302, headers={"Location": "/login"})


@sabotage(11, "api.up", "login refused", "SHOP_TOKEN")
def our_login_has_expired(project, shop):
    shop.token = "another-token"


@sabotage(11, "api.up", "has no $.status")
def the_health_page_lacks_its_field(project, shop):
    shop.say("/health", {"state": "healthy", "cache": True})


@sabotage(1, "HIGH api.healthy: no")
def the_health_page_says_200_and_means_no(project, shop):
    shop.say("/health", {"status": "unhealthy", "cache": True})


@sabotage(11, "health.cache", "$.cache")
def a_part_is_no_yes_and_no_no(project, shop):
    shop.say("/health", {"status": "healthy", "cache": "fine, thanks"})


@sabotage(1, "CRITICAL items.ok: no", "0 items")
def an_endpoint_serves_an_empty_list(project, shop):
    shop.say("/items", {"items": []})


@sabotage(11, "items.ok", "$.items")
def an_endpoint_answers_something_else(project, shop):
    shop.say("/items", {"things": [1]})


@sabotage(11, "api.up")
def answers_come_compressed_though_nobody_asked(project, shop):
    shop.say("/health", {"status": "healthy", "cache": True}, zipped=True)


@sabotage(11, "no metric request_total", "requests_total")
def a_metric_has_another_name(project, shop):
    project.edit("systems/shop/system.toml", '"requests_total"', '"request_total"')


@sabotage(11, "api.errors")
def the_metrics_page_is_not_there(project, shop):
    shop.say("/metrics", "gone", 404)


@sabotage(11, "api.errors")
def the_metrics_are_no_metrics(project, shop):
    shop.metrics = "<html>{{}}</html>"


@sabotage(11, "pool.used")
def a_gauge_is_not_a_number(project, shop):
    shop.metrics = shop.metrics.replace("pool_in_use 2", "pool_in_use NaN")


@sabotage(11, "pool.used")
def a_gauge_is_measured_against_nothing(project, shop):
    shop.metrics = shop.metrics.replace("pool_size 10", "pool_size 0")


@sabotage(11, "api.errors: no traffic", "api.p95: no traffic")
def nobody_visits(project, shop):
    shop.visitors = False


@sabotage(11, "api.errors: the counters are dead: 1 requests of our own were served")
def the_counters_are_dead(project, shop):
    shop.visitors, shop.dead = False, True


@sabotage(11, "api.errors: several processes answer, each with counters of its own")
def two_workers_answer_in_turn(project, shop):
    answer = shop.answer

    def in_turn(path, authorization):
        shop.served += (-1) ** shop.asked.count("/metrics") * 10_000 if path == "/metrics" else 0
        return answer(path, authorization)

    shop.answer = in_turn


@sabotage(11, "api.errors")
def the_counter_has_no_status(project, shop):
    shop.metrics = shop.metrics.replace("status=", "code=")


@sabotage(11, "api.p95")
def the_histogram_is_broken(project, shop):
    shop.metrics = shop.metrics.replace('le="1.0"}} {served}', 'le="1.0"}} 3')


@sabotage(11, "the probe crashed")
def the_probe_crashes(project, shop):
    project.write("conftest.py", PROBE_CRASHES)


PROBE_CRASHES = """
import httpx

def boom(*args, **kwargs):
    raise ZeroDivisionError("out of the blue")

httpx.AsyncClient.stream = httpx.AsyncClient.send = httpx.AsyncClient.request = boom
"""


@pytest.mark.parametrize("name", CASES)
def test_no_sabotage_is_green(name, shop_project, shop):
    spoil, code, messages, arguments = CASES[name]
    spoil(shop_project, shop)
    ran = shop_project.pytest(*arguments)
    assert ran.code == code, ran.said
    for message in messages:
        assert message in ran.said, ran.said
    assert "t0ken-of-the-shop" not in ran.said
    assert "INTERNALERROR" not in ran.said


def test_a_record_that_cannot_be_kept_is_not_green(shop_project):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    ran = shop_project.pytest(*RUN, preexec_fn=small_files)
    assert ran.code == 11, ran.said
    assert "could not be written" in ran.said


def test_a_page_that_cannot_be_made_takes_no_verdict_along_and_is_not_green(shop_project):
    broken = "import drillbook.report.page as page\n\n\ndef broken(folder):\n    raise ValueError('no ink')\n\n\n"
    shop_project.write("conftest.py", f"{broken}page.write_page = broken\n")
    ran = shop_project.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert "the page could not be written: ValueError('no ink')" in ran.said
    assert "Traceback" not in ran.said
    assert set(shop_project.verdicts().values()) == {"OK"}
    last = shop_project.journal()[-1]
    assert (last["kind"], last["exit"]) == ("end", 11)
    assert last["trouble"] == ["the page could not be written: ValueError('no ink')"]


FULL_AT_THE_END = """
import drillbook.judging.journal

write = drillbook.judging.journal.Journal.write


def write_until_full(self, kind, **facts):
    if kind == "end":
        self._file = open("/dev/full", "w")
    write(self, kind, **facts)


drillbook.judging.journal.Journal.write = write_until_full
"""


def test_a_journal_that_lacks_only_its_end_is_not_green(shop_project):
    shop_project.write("conftest.py", FULL_AT_THE_END)
    ran = shop_project.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert "the journal could not be written: No space left on device" in ran.said
    assert shop_project.journal()[-1]["kind"] == "verdict"


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_shop_unspoilt_is_green(shop_project, workers):
    ran = shop_project.pytest(*RUN, *workers)
    assert ran.code == 0, ran.said
    assert len(shop_project.verdicts()) == 9
    assert set(shop_project.verdicts().values()) == {"OK"}


def test_a_run_asks_for_each_page_once_and_for_the_metrics_five_times(shop_project, shop):
    shop_project.pytest(*RUN, "-n", "2")
    assert sorted(shop.asked) == ["/health", "/items", *5 * ["/metrics"], "/ready"]


def test_enough_ways_are_tried():
    assert len(CASES) >= 25
