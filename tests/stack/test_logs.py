"""Signals from the log of a container of a copy: real containers, and whatever of it cannot be told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from types import SimpleNamespace

import pytest

from drillbook.probes.log import lines, signals
from drillbook.probes.log.noun import Log
from drillbook.probes.measure import Meter, cost
from drillbook.probes.signal import Asked
from drillbook.stack import logs
from drillbook.stack.logs import COPY, with_logs
from drillbook.stack.plan import PROJECT_LABEL, SERVICE_LABEL
from drillbook.supervisor.owner import LABEL
from drillbook.system.library import Library
from drillbook.system.target import load_target

COUNT = 'as = "count"\nhigh = "> 3"'
GROWN = 'as = "increase"\nhigh = "> 3"'


def signal(match="^ERROR", more=COUNT, name="app.n", window="5m"):
    within = f', window = "{window}"' if window else ""
    return f'[signals."{name}"]\nread = {{ service = "applog", match = \'{match}\'{within} }}\n{more}\n'


GROWING = signal(more=GROWN, window="", name="app.grown")


def noun_of(shop, *declared, environment="local", environ=None, meanwhile=lambda: None):
    """The log as a run reads it; `meanwhile` happens within the interval."""
    path = shop.root / "systems" / "shop" / "system.toml"
    path.write_text("".join([path.read_text().partition("[signals")[0], *declared]))
    library = Library(shop.root, environ or {})
    target = with_logs(load_target(f"shop@{environment}", library), library)
    meter = Meter([target.services["applog"]], 0.05)
    meter.meanwhile = meanwhile
    return Log(target.services["applog"], meter.measure()["applog"]), target


def observed(shop, *declared, **how):
    """What each signal says, or why it says nothing."""
    noun, target = noun_of(shop, *declared, **how)
    return {
        name: one.reason if one.value is None else one.value
        for name, found in target.limits.signals.by_name.items()
        for one in Asked(noun, found)
    }


def later(monkeypatch, seconds):
    """Has signals be read so many seconds from now."""
    for module in (lines, signals):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: time.time() + seconds))


def test_lines_are_counted_by_the_engines_own_times(shop, monkeypatch):
    backend = shop.start()
    assert observed(shop, signal())["app.n"].startswith("there is nothing there")
    backend.write("ERROR one", "fine ERROR", "ERROR password=hunter2-canary")
    noun, _ = noun_of(shop, signal(), GROWING)
    assert noun.answers().value is True
    assert noun.by == "applog container backend"
    assert "hunter2-canary" not in str(noun.readings)
    assert observed(shop, signal(), signal("ERROR$", name="app.last")) == {"app.n": 2, "app.last": 1}
    later(monkeypatch, 600)
    assert observed(shop, signal())["app.n"] == 0


def test_of_a_long_log_no_more_is_asked_for_than_the_window_takes(shop, monkeypatch):
    monkeypatch.setattr(logs, "FEW", 3)
    backend = shop.start()
    backend.write(*(f"ERROR {number}" for number in range(10)))
    log = noun_of(shop)[0].service.log
    since = log.mark().at / 1e9 + 1e-6
    assert (log.end(since).text.count(b"ERROR"), log.end(since).cut) == (2, True)
    assert observed(shop, signal())["app.n"] == 10
    assert observed(shop, GROWING, meanwhile=lambda: backend.write("ERROR"))["app.grown"] == 1
    backend.write(*(f"ERROR {number}" for number in range(4)))
    assert (log.end(since).text.count(b"ERROR"), log.end(since).cut) == (15, False)
    later(monkeypatch, 600)
    assert observed(shop, signal())["app.n"] == 0


def test_a_line_that_the_engine_keeps_in_parts_hides_none_before_it(shop, monkeypatch):
    monkeypatch.setattr(logs, "FEW", 5)
    backend = shop.start()
    backend.write("ERROR one", "ERROR two")
    backend.run("seq -s x 20000; echo ERROR")
    assert observed(shop, signal())["app.n"] == 3


def test_the_age_and_the_number_of_the_newest_line(shop):
    shop.start().write("import took 12.5 s", "import took 30 s", "else")
    age = signal("import", 'as = "age"\nunit = "s"\nhigh = "> 86400"', name="app.age", window="")
    value = signal(r"took (?P<value>[\d.]+) s", 'high = "> 3"', name="app.took", window="")
    found = observed(shop, age, value)
    assert found["app.took"] == 30
    assert found["app.age"] == pytest.approx(0, abs=120)


def test_what_is_added_over_the_interval_is_counted_once(shop):
    backend = shop.start()
    assert observed(shop, GROWING, meanwhile=lambda: backend.write("ERROR first"))["app.grown"] == 1
    assert observed(shop, GROWING, meanwhile=lambda: backend.write("ERROR", "fine", "ERROR"))["app.grown"] == 2
    assert observed(shop, GROWING)["app.grown"] == 0


def test_a_container_that_is_dead_or_started_again_has_its_log(shop):
    backend = shop.start()
    backend.write("ERROR before")
    backend.container.kill()
    assert observed(shop, signal())["app.n"] == 1
    backend.container.start()
    backend.write("ERROR after")
    assert observed(shop, signal())["app.n"] == 2


def test_a_terminal_of_a_container_ends_its_lines_otherwise(shop):
    shop.start(tty=True).write("ERROR one", "ERROR 12")
    assert observed(shop, signal(r"^ERROR \d+$"))["app.n"] == 1


@pytest.mark.parametrize("block", [1 << 10, 512])  # of a larger one it depends on the pipe whether any is left out
def test_the_end_of_what_is_too_much_is_read_and_said(shop, monkeypatch, block):
    monkeypatch.setattr(logs, "_BLOCK", block)
    backend = shop.start()
    backend.write(*(f"ERROR {number}" for number in range(200)))
    value = signal(r"ERROR (?P<value>\d+)", 'high = "> 3"', name="app.last", window="")
    monkeypatch.setattr(logs, "MOST", 4096)
    found = observed(shop, signal(), value)
    assert found["app.n"] == "more than 8 MiB were written in the window: choose a shorter one"
    assert found["app.last"] == 199
    many = observed(shop, GROWING, meanwhile=lambda: backend.write(*(f"ERROR {number}" for number in range(200))))
    assert many["app.grown"].startswith("more than 8 MiB were added between two readings")


def test_nothing_but_the_copys_own_container_is_read(shop):
    mine = shop.labels
    shop.start(labels={**mine, LABEL: "up:somebody-else"}).write("ERROR theirs")
    shop.start(labels={**mine, PROJECT_LABEL: "another"}).write("ERROR theirs")
    none = "the copy has no container of backend: it has none: is it up? `drillbook up` starts one"
    assert observed(shop, signal())["app.n"] == f"log.readable is unknown: {none}"
    shop.start("worker").write("ERROR another's")
    assert observed(shop, signal())["app.n"].endswith("no container of backend: it has those of worker")
    shop.start()
    shop.start()
    assert observed(shop, signal())["app.n"].endswith(
        "the copy has 2 containers of backend, and one log is read: give it one"
    )


def test_the_watch_of_a_drill_reads_that_drills_copy_alone(shop):
    run = {LABEL: "a-run", PROJECT_LABEL: "drillbook-shop-a-run-1"}
    shop.start(labels=run).write("ERROR in a drill")
    told = logs.told(SimpleNamespace(run="a-run", project="drillbook-shop-a-run-1"))
    assert observed(shop, signal(), environment="drill", environ=told)["app.n"] == 1
    others = {COPY: "another-run drillbook-shop-a-run-1"}
    assert "it has none" in observed(shop, signal(), environment="drill", environ=others)["app.n"]
    assert "nothing says which copy" in observed(shop, signal(), environment="drill")["app.n"]


def test_a_container_that_keeps_no_log_is_unknown(shop):
    shop.start(log_config={"Type": "none"})
    noun, _ = noun_of(shop, signal())
    assert noun.answers().value is None
    assert "a logging driver may keep no log" in noun.answers().reason


def test_a_log_that_is_kept_short_may_have_lost_lines_of_the_window(shop, monkeypatch):
    shop.start(log_config={"Type": "json-file", "Config": {"max-size": "10m"}}).write("ERROR one")
    assert observed(shop, signal())["app.n"].startswith("the engine keeps too little of it")
    later(monkeypatch, 600)
    assert observed(shop, signal())["app.n"] == 0


def test_what_was_rotated_between_two_readings_is_unknown(shop):
    backend = shop.start(log_config={"Type": "json-file", "Config": {"max-size": "1k"}})
    backend.write("ERROR one")

    def rotate():
        backend.run('seq -f "ERROR %g" 100')

    assert observed(shop, GROWING, meanwhile=rotate)["app.grown"].startswith("it was rotated between two readings")


@pytest.fixture
def composed(shop):
    """A container of a copy that compose started, and what has compose do something with it."""
    service = {"image": shop.image, "entrypoint": [], "command": ["sh", "-c", "echo ERROR; exec sleep 3600"]}
    service |= {"labels": shop.labels, "network_mode": "none", "stop_signal": "SIGKILL"}
    service["tmpfs"] = "/data"  # no volume, which compose would hand from one container to the next, and keep
    project = shop.labels[PROJECT_LABEL]
    (shop.root / "compose.json").write_text(json.dumps({"name": project, "services": {"backend": service}}))

    def compose(*words):
        command = ["docker", "compose", "--file", "compose.json", *words]
        subprocess.run(command, cwd=shop.root, check=True, capture_output=True, timeout=120)

    try:
        compose("up", "--detach")
        yield compose
    finally:
        compose("down")


def test_a_container_that_took_the_place_of_another_lacks_its_lines(shop, composed, monkeypatch):
    assert observed(shop, signal())["app.n"] == 1

    def replace():
        composed("up", "--detach", "--force-recreate")

    assert observed(shop, GROWING, meanwhile=replace)["app.grown"].startswith("its container was replaced between")
    assert observed(shop, signal())["app.n"].startswith("its container was replaced within the window")
    later(monkeypatch, 600)
    assert observed(shop, signal())["app.n"] == 0


def test_an_engine_that_hangs_says_nothing_of_a_container(shop, monkeypatch, tmp_path):
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        system = shop.root / "systems" / "shop" / "system.toml"
        system.write_text(system.read_text().replace("20s", "300ms"))
        noun, _ = noun_of(shop, signal())
    assert noun.answers().value is None
    assert "engine" in noun.answers().reason


def test_reading_ends_at_the_deadline(shop, monkeypatch, tmp_path):
    shop.start().write("ERROR")
    log = noun_of(shop)[0].service.log
    (tmp_path / "docker").write_text("#!/bin/sh\necho ERROR\nexec sleep 3600\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    container = log._container()
    hurried = logs.ContainerLog(log.labels, log.service, 0.2)
    with pytest.raises(logs.Unreadable, match=r"did not give it within 0.2 s: raise deadline"):
        hurried._said(container, 1)


def test_an_engine_of_another_machine_is_not_asked(shop, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    assert observed(shop, signal())["app.n"] == (
        "log.readable is unknown: the engine is not on this machine: tcp://192.0.2.1:2375"
    )


@pytest.mark.parametrize(
    ("config", "short"),
    [
        ({"Type": "json-file", "Config": {}}, False),
        ({"Type": "json-file", "Config": None}, False),
        ({"Type": "json-file", "Config": {"max-size": "-1"}}, False),
        ({"Type": "json-file", "Config": {"max-size": "10m"}}, True),
        ({"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}}, True),
        ({"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}, False),
        ({"Type": "json-file", "Config": {"max-size": "1gb", "max-file": "2"}}, False),
        ({"Type": "json-file", "Config": {"max-size": "1.5m", "max-file": "9"}}, True),
        ({"Type": "local", "Config": {"max-size": "1m"}}, True),
        ({"Type": "local", "Config": {}}, False),
    ],
)
def test_how_much_the_engine_keeps(config, short):
    assert logs._is_short(config) is short


def stamp(number):
    return f"2026-01-02T03:04:05.{number:09}Z"


def test_what_is_behind_a_mark_begins_with_the_next_line():
    text = f"{stamp(1)} one\n{stamp(2)} a long line{stamp(3)} goes on\n{stamp(4)} ERROR\n".encode()
    assert logs._behind(0, text) == text
    for number in (2, 3):
        assert logs._behind(logs._time_of(stamp(number).encode()), text) == f"{stamp(4)} ERROR\n".encode()
    assert logs._behind(logs._time_of(stamp(4).encode()), text) == b""
    with pytest.raises(logs.Unreadable, match="it was rotated between two readings"):
        logs._behind(logs._time_of(stamp(5).encode()), text)


def test_all_signals_of_a_container_are_one_look(shop):
    _, target = noun_of(shop, *(signal(name=f"app.n{number}") for number in range(60)))
    assert cost(target.services["applog"]) == 2


def test_labels_are_those_of_drillbook_up(shop):
    assert shop.labels == noun_of(shop)[0].service.log.labels
    assert SERVICE_LABEL not in shop.labels
