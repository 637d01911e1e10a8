"""More arrivals than visitors: they queue, are sent as soon as somebody is free, and the rest is told of."""

MUTE = """
class Shopper(Visitor):
    @task
    def browse(self):
        self.client.get("/{path}", name="asked")
"""


def test_where_all_visitors_wait_the_others_queue_and_what_is_never_sent_is_told(server, generator):
    """As many visitors as there are files for: 6 of 70."""
    run = generator("Ramp(to=20, seconds=2)", MUTE.format(path="mute"), patience=1, files=70)
    run = run.run(server().url)
    told = [reason for *_, reason in run.samples]
    never = [
        name for name, _, _, reason in run.samples if reason == "never sent: all 6 visitors were waiting for answers"
    ]
    assert len(told) == run.ended["asked"] == 20
    longest = max(took for _, _, took, _ in run.samples)
    assert longest - run.ended["late_p95"] > 1.2, "who waits for a visitor is not the generator's lateness"
    assert set(never) == {"task browse"}
    assert told.count("no answer within 1 s") == 20 - len(never)
    assert run.ended["visitors"] == 6


def test_what_queued_is_sent_as_soon_as_somebody_is_free(server, generator):
    slow = MUTE.format(path="slow?0.5")
    run = generator("Ramp(to=60, seconds=0.01), Ramp(to=60, seconds=0.5)", slow, files=74).run(server().url)
    assert run.reasons("asked") == {""}
    assert run.ended["asked"] == 30
    assert run.took(95) - run.ended["late_p95"] > 0.8, "who waits for a visitor is not the generator's lateness"
    assert run.ended["visitors"] == 10
    assert run.took(90) > 1


def test_visitors_of_another_kind_make_room(server, generator):
    kinds = "".join(MUTE.format(path="deals").replace("Shopper", name) for name in ("One", "Two", "Three"))
    run = generator("Ramp(to=60, seconds=1)", kinds, files=65).run(server().url)
    assert run.reasons("asked") == {""}
    assert len(run.samples) == 30
    assert run.ended["visitors"] > 3


def test_a_task_that_does_not_end_is_cut_off(server, generator):
    sleeps = """
    class Shopper(Visitor):
        @task
        def browse(self):
            self.client.get("/deals", name="asked")
            import time
            time.sleep(60)

    class Thinker(Visitor):
        @task
        def think(self):
            import time
            time.sleep(60)
    """
    run = generator("Ramp(to=40, seconds=1)", sleeps, patience=1).run(server().url)
    assert run.reasons("asked") == {""}
    assert run.reasons("task think") == {"no answer by the end of the run"}
    assert len(run.samples) == 20


def test_a_connection_that_has_rested_is_not_used_again(server, generator):
    """Servers close what rests, and the request that is sent at that moment would fail without anybody's fault."""
    asked = server()
    generator("Ramp(to=0.6, seconds=0.01), Ramp(to=0.6, seconds=5)", MUTE.format(path="deals")).run(asked.url)
    ports = [note["from"] for note in asked.log()]
    assert len(set(ports)) == len(ports) == 3


def test_a_connection_in_use_is_used_again(server, generator):
    asked = server()
    run = generator("Ramp(to=20, seconds=2)", MUTE.format(path="deals")).run(asked.url)
    assert len({note["from"] for note in asked.log()}) <= run.ended["visitors"] < 20
