"""Servers that freeze, keep silent or drip: what was due meanwhile is late or lost, and never left out."""

import pytest

STEADY = "Ramp(to=20, seconds=0.01), Ramp(to=20, seconds={seconds})"
MUTE = """
class Shopper(Visitor):
    @task
    def browse(self):
        self.client.get("/{path}", name="asked")
"""


def frozen(server, generator, seconds, *, after, freeze):
    """A run of so many seconds against a server that freezes once."""
    asked = server("--service", 5, 10, "--freeze", after, freeze)
    return generator(STEADY.format(seconds=seconds)).run(asked.url)


def test_what_is_due_while_a_server_is_frozen_counts_from_when_it_was_due(server, generator):
    run = frozen(server, generator, 6, after=2, freeze=1)
    late = [took for _, _, took, _ in run.samples if took > 0.2]
    assert len(run.samples) == run.ended["asked"] == 120
    assert run.took(95) - run.ended["late_p95"] > 0.4, "it is the server's lateness, not its own"
    assert len(late) >= 14


def test_without_the_freeze_it_does_not(server, generator):
    run = frozen(server, generator, 3, after=999, freeze=1)
    assert run.took(95) - run.ended["late_p95"] < 0.5


@pytest.mark.proof
def test_a_freeze_of_5_seconds_in_30_is_in_the_95th_percentile(server, generator):
    run = frozen(server, generator, 30, after=10, freeze=5)
    assert run.took(95) > 0.5
    assert run.on_time > 0.95


@pytest.mark.parametrize("path", ["mute", "drips"])
def test_a_server_that_never_ends_its_answer_is_given_up(server, generator, path):
    run = generator(STEADY.format(seconds=3), MUTE.format(path=path), patience=1).run(server().url)
    took = sorted(took for _, _, took, _ in run.samples)
    assert run.reasons("asked") == {"no answer within 1 s"}
    assert len(took) == run.ended["asked"] == run.ended["sent"] == 60
    assert took[0] >= 0.95  # the loop's clock ticks a little beside ours
    assert len([line for line in run.lines if line.get("samples")]) > 1, "one by one, not all in the end"
    assert run.errors == ""


@pytest.mark.proof
@pytest.mark.parametrize("path", ["mute", "drips"])
def test_it_is_given_up_after_10_seconds(server, generator, path):
    run = generator("Ramp(to=5, seconds=2)", MUTE.format(path=path)).run(server().url)
    assert run.reasons("asked") == {"no answer within 10 s"}
    assert len(run.samples) == 5
    assert run.ended["seconds"] < 14


def test_a_visitor_that_could_not_even_send_its_request_can_send_the_next_one(server, generator):
    """A mute server's buffers fill up: the client itself then never gives its connection back."""
    uploads = """
    class Shopper(Visitor):
        @task
        def upload(self):
            self.client.post("/mute", data="x" * 50_000_000, name="upload")
            self.client.get("/deals", name="after it")
    """
    run = generator("Ramp(to=1, seconds=1)", uploads, patience=1).run(server().url)
    assert run.reasons("upload") == {"no answer within 1 s"}
    assert run.reasons("after it") == {""}
