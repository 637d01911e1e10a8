"""A generator that is held up says so: its own lateness is counted apart from the server's."""

import signal
import threading
import time

import pytest

STEADY = "Ramp(to=100, seconds=0.01), Ramp(to=100, seconds=2.5)"


def hold_up(process, *, runs, stops):
    """Lets a process run only now and then until it ends."""
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        time.sleep(stops)
        process.send_signal(signal.SIGCONT)
        time.sleep(runs)


@pytest.fixture(scope="module")
def held_up(server, generator):
    """A run in which the generator stands still for most of the time."""
    run = generator(STEADY)
    run.hear()
    run.say(host=server().url)
    holding = threading.Thread(target=hold_up, args=(run.process,), kwargs={"runs": 0.1, "stops": 0.4})
    holding.start()
    run.finish()
    holding.join()
    return run


def test_arrivals_that_left_late_are_not_on_time(held_up):
    assert held_up.on_time < 0.8
    assert held_up.ended["late_p95"] > 0.1


def test_they_are_sent_all_the_same_and_count_from_when_they_were_due(held_up):
    assert len(held_up.samples) == held_up.ended["asked"] >= 250
    assert held_up.reasons("/deals") == {""}
    assert held_up.took(80) > 0.1


def test_one_that_is_not_held_up_is_on_time(server, generator, held_up):
    run = generator(STEADY).run(server().url)
    assert run.on_time > held_up.on_time


def test_asked_for_more_than_it_can_send_it_says_so(server, generator):
    run = generator("Ramp(to=60000, seconds=0.01), Ramp(to=60000, seconds=1)", patience=1).run(server().url)
    assert run.on_time < 0.8
    assert len(run.samples) == run.ended["asked"]
    assert run.reasons("task browse") <= {"never sent: the load generator could not keep up"}


def test_computing_in_a_task_is_the_generators_own_lateness(server, generator):
    busy = """
    class Shopper(Visitor):
        @task
        def browse(self):
            import time
            until = time.perf_counter() + 0.1
            while time.perf_counter() < until:
                pass
            self.client.get("/deals", name="/deals")
    """
    run = generator("Ramp(to=30, seconds=0.01), Ramp(to=30, seconds=1)", busy).run(server().url)
    assert run.on_time < 0.8
    assert run.ended["cpu"] > 0.15
