"""What becomes of requests that are not served: each is a sample with its reason, and none is sent twice."""

from statistics import median

import pytest

TROUBLE = """
class Shopper(Visitor):
    @task
    def all_of_it(self):
        for path in ("fails", "missing", "resets", "closes", "half", "gzip", "nonsense", "leads?/x", "cookie"):
            self.client.get(f"/{path}", name=path)
        self.client.get("/stream", stream=True)

    @task
    def wrong(self):
        with self.client.get("/deals", name="empty", catch_response=True) as answer:
            if answer.text != "deals":
                answer.failure("no deals in it")

    @task
    def right_after_all(self):
        with self.client.get("/fails", name="expected", catch_response=True) as answer:
            if answer.status_code == 500:
                answer.success()

    @task
    def broken(self):
        {}["x"]

    @task
    def broken_at_length(self):
        raise ValueError("x" * 10_000 + chr(10))

    @task
    def quits(self):
        raise SystemExit

class Nobody(Visitor):
    def on_start(self):
        self.client.get("/login", name="login")
        raise RuntimeError("not let in")

    @task
    def browse(self):
        self.client.get("/never")

class Polite(Visitor):
    def on_start(self):
        self.client.get("/slow?0.3", name="hello")

    @task
    def browse(self):
        self.client.get("/slow?0.05", name="first")
        self.client.get("/slow?0.05", name="second")

    def on_stop(self):
        self.client.get("/bye", name="bye")
        raise RuntimeError("slammed the door")
"""


@pytest.fixture(scope="module")
def trouble(server, generator):
    """Everything that goes wrong, at 40 arrivals a second."""
    asked = server()
    run = generator("Ramp(to=40, seconds=0.01), Ramp(to=40, seconds=3)", TROUBLE).run(asked.url)
    assert run.code == 0
    return run, asked.log()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fails", "500 Internal Server Error"),
        ("resets", "connection reset"),
        ("closes", "connection closed without an answer"),
        ("gzip", "the answer's compression is broken"),
        ("leads?/x", ""),
        ("cookie", ""),
        ("empty", "no deals in it"),
        ("expected", ""),
        ("task all_of_it", "ValueError: stream=True leaves answers unread: leave it out"),
        ("task broken", "KeyError: 'x'"),
        ("task quits", "SystemExit"),
        ("login", ""),
        ("on_start Nobody", "RuntimeError: not let in"),
        ("hello", ""),
        ("bye", ""),
        ("on_stop Polite", "RuntimeError: slammed the door"),
    ],
)
def test_its_reason_says_why(trouble, name, reason):
    assert trouble[0].reasons(name) == {reason}


@pytest.mark.parametrize("name", ["half", "nonsense"])
def test_an_answer_that_breaks_off_or_is_none_is_not_served(trouble, name):
    (reason,) = trouble[0].reasons(name)
    assert reason.startswith("the answer broke off, or is no HTTP")


def test_a_reason_is_one_line_of_bounded_length(trouble):
    (reason,) = trouble[0].reasons("task broken_at_length")
    assert len(reason) == 200
    assert reason.startswith("ValueError: xxx")


def test_nothing_is_asked_twice_and_nothing_that_was_not_told(trouble):
    run, log = trouble
    told = [name for name, *_ in run.samples if not name.startswith(("task", "on_"))]
    assert len(told) == len(log)
    for path in ("fails", "resets", "closes", "half"):
        assert sum(note["path"] == f"/{path}" for note in log) == told.count(path) + (
            told.count("expected") if path == "fails" else 0
        )


def test_a_redirect_is_an_answer_and_is_not_followed(trouble):
    assert "/x" not in {note["path"] for note in trouble[1]}


def test_cookies_are_sent_back(trouble):
    assert [note for note in trouble[1] if note["headers"].get("Cookie") == "seen=yes"]


def test_all_goes_on_and_nothing_of_it_is_on_standard_error(trouble):
    run, _ = trouble
    assert run.ended["sent"] == run.ended["asked"] == 120
    assert run.errors == ""


def test_later_requests_of_a_task_count_from_their_own_beginning(trouble):
    took = {name: [took for its, _, took, _ in trouble[0].samples if its == name] for name in ("first", "second")}
    assert min(took["first"]) >= 0.05
    assert min(took["second"]) >= 0.05
    assert median(took["second"]) < median(took["first"]) + 0.05, "the first one's time is no part of it"


def test_visitors_are_used_again(trouble):
    log = trouble[1]
    assert sum(note["path"] == "/slow?0.3" for note in log) < sum(note["path"] == "/slow?0.05" for note in log) / 4


@pytest.fixture(scope="module")
def nobody_there(server, generator):
    """A run against a port that nothing listens on any more."""
    gone = server()
    gone.log()
    return generator("Ramp(to=20, seconds=1)").run(gone.url)


def test_a_server_that_is_not_there_is_refused_connections(nobody_there):
    assert nobody_there.code == 0
    assert {reason for *_, reason in nobody_there.samples} == {"connection refused"}
    assert len(nobody_there.samples) == nobody_there.ended["asked"] == 10
    assert nobody_there.errors == ""


def test_a_host_that_has_no_address_is_said_to_have_none(generator):
    run = generator("Ramp(to=20, seconds=1)").run("http://nowhere.invalid:80")
    (reason,) = run.reasons("/deals")
    assert reason.startswith("the name does not resolve (")


def test_two_runs_ask_for_the_same(server, generator):
    drawn = """
    class Shopper(Visitor):
        @task(3)
        def browse(self):
            self.client.get(f"/deals?q={self.random.choice('abcdefgh')}")

        @task
        def look(self):
            self.client.get(f"/deals/{self.random.randint(1, 1000)}")
    """
    runs = [server(), server()]
    for each in runs:
        generator("Ramp(to=60, seconds=1)", drawn).run(each.url)
    first, second = ([note["path"] for note in each.log()] for each in runs)
    assert sorted(first) == sorted(second)
    assert len(set(first)) > 10
