"""What the generator measures is what the server itself noted: the 95th percentile within 2 % or 3 ms."""

import pytest
from hdrh.histogram import HdrHistogram

SECONDS = 10
QUIET = 0.0015  # seconds of lateness: what a timer costs on a machine that does nothing else


def p95_ms(seconds):
    """The 95th percentile in ms, as reports compute it: HDR, three significant digits, over microseconds."""
    histogram = HdrHistogram(1, 3_600_000_000, 3)
    for each in seconds:
        histogram.record_value(max(1, round(each * 1e6)))
    return histogram.get_value_at_percentile(95) / 1000


@pytest.mark.bench
@pytest.mark.parametrize("rate", [50, 200, 500])
def test_the_95th_percentile_is_the_servers_own(server, generator, rate):
    late, ours, theirs = quietest(lambda: compared(server, generator, rate))
    said = (
        f"{rate}/s: {ours:.2f} ms, the server's own {theirs:.2f} ms, the generator itself late by {late * 1000:.1f} ms"
    )
    print(said)  # noqa: T201 (what make bench shows)
    assert abs(ours - theirs) <= max(3.0, 0.02 * theirs), said


def compared(server, generator, rate):
    """A run: how late the generator itself was (95th percentile, seconds), its p95 and the server's own."""
    asked = server("--service", 5, 40)
    run = generator(f"Ramp(to={rate}, seconds=1), Ramp(to={rate}, seconds={SECONDS})").run(asked.url)
    assert run.reasons("/deals") == {""}
    theirs = p95_ms(note["took"] for note in asked.log())
    return run.ended["late_p95"], p95_ms(took for _, _, took, _ in run.samples), theirs


def quietest(measure):
    """Of three runs the one in which the machine left the generator alone most; chosen by that, not by its result."""
    runs = []
    while len(runs) < 3 and not (runs and runs[-1][0] < QUIET):
        runs.append(measure())
    return min(runs)


@pytest.mark.proof
def test_a_server_that_says_less_than_it_took_is_found_out(server, generator):
    """The twin: what waits in front of a server that is busy is not in the server's own log."""
    asked = server("--service", 5, 10, "--freeze", 2, 2)
    run = generator("Ramp(to=50, seconds=0.01), Ramp(to=50, seconds=10)").run(asked.url)
    theirs = p95_ms(note["took"] for note in asked.log())
    ours = p95_ms(took for _, _, took, _ in run.samples)
    assert ours - theirs > 100
