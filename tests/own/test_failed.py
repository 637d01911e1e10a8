"""Why a start failed: what did not come up, in words, and the end of its log without secrets or control characters."""

from __future__ import annotations

from http import HTTPStatus
from types import SimpleNamespace

import pytest
from docker.errors import APIError

from drillbook.common.redact import keep_secret
from drillbook.stack.failed import how_it_failed, what_did_not_come_up, what_is_not_here

UP = {"Status": "running", "ExitCode": 0}
STATES = [
    (UP, ""),
    ({**UP, "Health": {"Status": "healthy"}}, ""),
    ({**UP, "Health": {"Status": "starting"}}, ""),
    ({"Status": "exited", "ExitCode": 0}, ""),
    ({"Status": "created", "ExitCode": 0}, ""),
    ({"Status": "exited", "ExitCode": 3}, "has ended with exit code 3"),
    ({"Status": "restarting", "ExitCode": 1}, "starts again and again"),
    ({"Status": "created", "ExitCode": 127, "Error": "no such file"}, "did not start: no such file"),
    ({**UP, "Health": {"Status": "unhealthy"}}, "is unhealthy"),
    ({**UP, "Health": {"Status": "unhealthy", "Log": [{"Output": "x\nno route\n"}]}},
     "is unhealthy (its health check says: no route)"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "words"), STATES)
def test_what_is_not_up_is_said_in_words(state, words):
    assert how_it_failed(state) == words


def engine(*containers):
    return SimpleNamespace(containers=SimpleNamespace(list=lambda **_: list(containers)))


def container(name, state, log):
    def logs(*, tail):
        if isinstance(log, Exception):
            raise log
        return b"".join(line + b"\n" for line in log[-tail:])

    return SimpleNamespace(name=name, labels={}, attrs={"State": state}, logs=logs)


def test_the_end_of_the_log_is_shown_of_what_failed_alone_without_secrets():
    keep_secret("tell-nobody-1")
    failed = container("web", {"Status": "exited", "ExitCode": 1}, [b"old"] * 20 + [b"\x1b[2Jpassword tell-nobody-1"])
    said = list(what_did_not_come_up(engine(container("db", UP, [b"fine"]), failed), "a-project"))
    assert said[0] == "web has ended with exit code 1, and the end of its log is:"
    assert len(said) == 11
    assert said[-1].endswith("password ***")
    assert "\x1b" not in said[-1]


@pytest.mark.parametrize("log", [[], OSError("no logs of this driver")])
def test_a_log_that_is_empty_or_kept_elsewhere_is_said_to_be(log):
    failed = container("web", {"Status": "exited", "ExitCode": 1}, log)
    assert list(what_did_not_come_up(engine(failed), "p")) == ["web has ended with exit code 1, and its log is empty"]


def test_an_image_that_is_nowhere_is_named_with_what_can_be_done_and_no_image_that_is_built():
    def inspect_image(tag):
        if tag != "here:1":
            raise APIError("no", SimpleNamespace(status_code=HTTPStatus.NOT_FOUND))

    services = {"web": {"image": "there:1"}, "db": {"image": "here:1"}, "own": {"image": "own:1", "build": {}}}
    client = SimpleNamespace(api=SimpleNamespace(inspect_image=inspect_image))
    (line,) = what_is_not_here(client, services)
    assert line.startswith("image there:1 of web is not here and could not be pulled")
    assert line.endswith('[stack] leave_out = ["web"]')
