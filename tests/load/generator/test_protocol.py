"""What the generator and its parent say to each other, and how it ends: on its own, refused, or orphaned."""

import signal
import time

import pytest

PATIENCE = 60.0
SHORT = "Ramp(to=20, seconds=1)"
LONG = "Ramp(to=20, seconds=20)"
TALKATIVE = """
print("a print of the profile's")

class Shopper(Visitor):
    def on_start(self):
        print("hello", flush=True)

    @task
    def browse(self):
        print('{"ended": {}}', flush=True)
        self.client.get("/deals?q=bike", name="/deals")
"""


@pytest.fixture(scope="module")
def talked(server, generator):
    """A short run of a profile that prints, against a server that is well."""
    asked = server()
    return generator(SHORT, TALKATIVE).run(asked.url), asked


def test_it_tells_once_a_second_what_has_ended_and_in_the_end_how_it_went(talked):
    run, _ = talked
    assert run.code == 0
    assert [set(line) for line in run.lines[:-1]] == [{"at", "sent", "samples"}] * (len(run.lines) - 1)
    assert set(run.lines[-1]["ended"]) == {"seconds", "asked", "sent", "on_time", "late_p95", "cpu", "visitors"}
    assert run.ended["asked"] == run.ended["sent"] == len(run.samples) == 10
    assert 0 < run.ended["cpu"] < 1
    assert 1 <= run.ended["visitors"] <= 10


def test_what_a_profile_prints_is_not_taken_for_the_protocol(talked):
    run, _ = talked
    assert run.errors.count("hello") == run.ended["visitors"]
    assert "a print of the profile's" in run.errors


def test_each_arrival_is_one_request_at_its_time(talked):
    run, asked = talked
    due = [due for _, due, _, _ in run.samples]
    log = asked.log()
    assert sorted(due) == pytest.approx([(2 * (k + 0.5) / 20) ** 0.5 for k in range(10)], abs=1e-3)
    assert {(note["method"], note["path"]) for note in log} == {("GET", "/deals?q=bike")}
    assert len(log) == 10
    assert {(name, reason) for name, _, _, reason in run.samples} == {("/deals", "")}


def test_a_file_with_mistakes_is_refused_with_4(generator):
    run = generator(SHORT, "").finish()
    assert run.code == 4
    (line,) = run.lines
    assert line["mistakes"][0].endswith("(from drillbook.arrivals import Visitor, task)")


@pytest.mark.parametrize("moment", ["before it is told where to go", "in a run"])
def test_it_ends_with_its_parents_pipe(server, generator, moment):
    run, asked = generator(LONG), server()
    run.hear()
    if moment == "in a run":
        run.say(host=asked.url)
        run.hear()
    run.process.stdin.close()
    run.process.wait(PATIENCE)


@pytest.mark.parametrize("hangs", ["import time\ntime.sleep(300)", "while True:\n    pass"])
def test_it_ends_with_its_parents_pipe_even_while_a_profile_hangs(generator, hangs):
    run = generator(LONG, hangs)
    time.sleep(1)
    run.process.stdin.close()
    run.process.wait(PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_without_a_word(server, generator, number):
    run = generator(LONG)
    run.hear()
    run.say(host=server().url)
    run.hear()
    run.process.send_signal(number)
    run.process.wait(PATIENCE)
    assert run.process.stderr.read() == b""


LEAVING = """
class Shopper(Visitor):
    @task
    def browse(self):
        self.client.get("/first")
        try:
            self.client.{call}
        except Exception:
            pass
"""


@pytest.mark.parametrize(
    "call",
    [
        'get("{other}/x")',
        'get("//{other_host}/x")',
        'get("@{other_host}/x")',
        'get(".{other_host}/x")',
        'get("/leads?{other}/x", allow_redirects=True)',
        'get("x")',
        'client.urlopen("{other}/x")',
        'post("{other}/x", data="x")',
    ],
)
def test_a_request_to_another_host_ends_the_run_and_is_not_sent(server, generator, call):
    target, other = server(), server()
    call = call.format(other=other.url, other_host=other.url.partition("//")[2])
    run = generator(LONG, LEAVING.format(call=call)).run(target.url)
    assert run.code == 12
    assert "is not a path of http://127.0.0.1:" in run.lines[-1]["refused"]
    assert other.log() == []
    assert {note["path"].partition("?")[0] for note in target.log()} <= {"/first", "/leads"}


def test_an_absolute_url_of_the_target_and_a_redirect_within_it_are_fine(server, generator):
    target = server()
    followed = f'get("{target.url}/leads?/there", name="led", allow_redirects=True)'
    run = generator(SHORT, LEAVING.format(call=followed)).run(target.url)
    assert run.code == 0
    assert run.reasons("led") == {""}
    assert "/there" in {note["path"] for note in target.log()}


@pytest.mark.parametrize("call", ['post("/orders", data="x")', 'request("delete", "/orders/1")'])
def test_a_request_that_may_write_is_refused_where_it_may_only_read(server, generator, call):
    target = server()
    run = generator(LONG, LEAVING.format(call=call)).run(target.url, read_only=True)
    assert run.code == 12
    assert "may write, and here a profile may only read" in run.lines[-1]["refused"]
    assert {note["method"] for note in target.log()} <= {"GET"}


def test_elsewhere_it_is_sent(server, generator):
    target = server()
    assert generator(SHORT, LEAVING.format(call='post("/orders", data="x")')).run(target.url).code == 0
    assert "POST" in {note["method"] for note in target.log()}


TELLTALE = """
class Shopper(Visitor):
    def on_start(self):
        self.client.get("/first", name=str(self.client.client.default_headers))

    @task
    def browse(self):
        headers = dict(self.client.client.default_headers.items())
        with self.client.get("/deals", catch_response=True) as answer:
            answer.failure(f"as {headers}")
        raise KeyError(f"my {headers['Authorization']}")
"""


def test_headers_go_to_the_server_and_nowhere_else(server, generator):
    target = server()
    headers = {"Authorization": "Bearer s3cr3t-tok3n", "X-Key": "k3y-of-the-house"}
    run = generator(SHORT, TELLTALE).run(target.url, headers=headers)
    said = run.raw.decode() + run.errors
    assert "s3cr3t-tok3n" not in said
    assert "k3y-of-the-house" not in said
    assert run.reasons("task browse") == {"KeyError: 'my Bearer ***'"}
    sent = [note["headers"] for note in target.log()]
    assert {(its["Authorization"], its["X-Key"]) for its in sent} == {tuple(headers.values())}
