"""A mail that a real server is handed: taken, put off, refused, hung up on; and sent nowhere unless it may be."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field, replace
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller

from drillbook.probes.measure import cost, measure
from drillbook.probes.smtp.noun import Smtp

HOST = "127.0.0.1"
MAIL = {"from": "checker@shop.example", "to": "sink@shop.example"}
OVER = threading.Event()
SYSTEM = """
[system]
name = "post"
[services.mail]
kind = "smtp"
roles = ["mail"]
url = { env = "POST_URL" }
mail = { from = "checker@shop.example", to = { env = "POST_TO" } }
[environments.local]
kind = "local"
[environments.staging]
kind = "staging"
[environments.production]
kind = "production"
writes = ["mail"]
"""


@dataclass
class Post:
    """What a mail server says to the steps of a mail, and the mails that it has taken."""

    says: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_MAIL(self, _server, _session, envelope, address, _options):  # noqa: N802  # aiosmtpd calls it so
        envelope.mail_from = address
        return self.says.get("MAIL FROM", "250 OK")

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT TO", "250 OK")

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        if "the mail" not in self.says:
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.says.get("the mail", "250 OK")


@pytest.fixture
def post(a_port):
    """A running mail server, and its port."""
    found = Post()
    server = Controller(found, hostname=HOST, port=a_port())
    server.start()
    found.port = server.port
    yield found
    server.stop()


@pytest.fixture
def smtp(a_service):
    """What is found at a port where a mail may be sent, unless `writes` says otherwise."""

    def look(port, *, mail=MAIL, writes=("mail",), deadline="20s"):
        service = a_service("smtp", f"smtp://{HOST}:{port}", name="post", mail=MAIL, deadline=deadline)
        service = replace(service, mail=mail, writes=writes)
        return Smtp(service, measure([service], 0.0)["post"])

    return look


def test_a_mail_is_taken_that_says_what_it_is(post, smtp):
    noun = smtp(post.port)
    assert (noun.takes_mail().value, noun.takes_mail().reason) == (True, "")
    assert noun.readings.asked == cost(noun.service) == 2
    [(sender, recipients, content)] = post.taken
    assert (sender, recipients) == (MAIL["from"], [MAIL["to"]])
    mail = message_from_bytes(content)
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Drillbook check", "auto-generated")
    assert (mail["From"], mail["To"]) == (MAIL["from"], MAIL["to"])
    assert mail["Message-ID"].endswith("@shop.example>")
    assert mail["Date"]


def test_what_is_timed_anew_sends_no_mail(post, smtp):
    assert smtp(post.port).greeting_time().again().value > 0
    assert len(post.taken) == 1


@pytest.mark.parametrize("step", ["MAIL FROM", "RCPT TO", "the mail"])
@pytest.mark.parametrize(
    ("answer", "value", "reason"),
    [
        ("451 4.7.1 Greylisted, come back", None, "is answered 451 4.7.1 Greylisted, come back: it may take it later"),
        ("450 4.3.2 Service currently unavailable", None, "it may take it later"),
        ("452 4.2.2 The mailbox is full", None, "it may take it later"),
        ("452 4.3.1 Insufficient system storage", False, "is answered 452 4.3.1 Insufficient system storage"),
        ("452 disk full", False, "is answered 452 disk full"),
        ("451 4.3.0 queue file write error", False, "is answered 451 4.3.0"),
        ("550 5.1.1 No such user", False, "is answered 550 5.1.1 No such user"),
        ("530 5.7.0 Must issue STARTTLS", None, "it wants a login or TLS: check $THE_ADDRESS"),
    ],
)
def test_what_is_not_taken_says_where_and_why(post, smtp, step, answer, value, reason):
    post.says[step] = answer
    noun = smtp(post.port)
    found = noun.takes_mail()
    assert found.value is value
    assert found.reason.startswith(step)
    assert reason in found.reason
    assert noun.answers().value is True
    assert post.taken == []


CLOSES = "it closed the connection"


@pytest.mark.parametrize(
    ("how", "steps", "deadline", "reason"),
    [*(("closes", steps, "20s", CLOSES) for steps in (1, 2, 3, 4)), ("hangs", 4, "3s", "no answer within 3 s")],
)
def test_a_server_that_leaves_us_there_takes_none(smtp, how, steps, deadline, reason):
    lines = [b"220 a\r\n", b"250 a\r\n", b"250 b\r\n", b"250 c\r\n", b"354 d\r\n"][: steps + 1]
    with socket.create_server((HOST, 0)) as server:
        OVER.clear()
        threading.Thread(target=attend, args=(server, lines, how), daemon=True).start()
        noun = smtp(server.getsockname()[1], deadline=deadline)
        OVER.set()
    assert noun.answers().value is True
    assert noun.takes_mail().value is False
    assert reason in noun.takes_mail().reason
    assert noun.takes_mail().reason.startswith(f"{('MAIL FROM', 'RCPT TO', 'DATA', 'the mail')[steps - 1]}: ")
    assert noun.greeting_time().value > 0


def attend(server, lines, how):
    with contextlib.suppress(OSError):
        client, _ = server.accept()
        with client:
            for line in lines:
                client.sendall(line)
                client.recv(1000)
            if how == "hangs":
                OVER.wait(60)


def test_of_one_that_is_down_that_is_said(smtp, a_port):
    found = smtp(a_port()).takes_mail()
    assert (found.value, found.because) == (None, "smtp.up")


def test_an_address_that_is_none_ends_before_the_mail(post, smtp):
    found = smtp(post.port, mail=MAIL | {"to": "sink@shop.example>\r\nDATA"}).takes_mail()
    assert (found.value, found.reason) == (None, "what `mail` has for `to` is no address")
    assert post.taken == []


@pytest.mark.parametrize(("mail", "writes"), [({}, ("mail",)), (MAIL, ())])
def test_without_a_mail_or_a_word_that_it_may_be_sent_nothing_is(post, smtp, mail, writes):
    noun = smtp(post.port, mail=mail, writes=writes)
    assert not noun.takes_mail().applies
    assert noun.readings.asked == cost(noun.service) == 1
    assert post.taken == []


@pytest.fixture
def mailing(project, post):
    """A project whose system sends a mail."""
    project.write("systems/post/system.toml", SYSTEM)
    project.write("checks/test_kinds.py", (project.checkout / "checks" / "test_kinds.py").read_text())
    project.environ |= {"POST_URL": f"smtp://{HOST}:{post.port}", "POST_TO": "hidden-sink@shop.example"}
    return project


@pytest.mark.parametrize(("where", "verdict"), [("local", "OK"), ("staging", "skipped"), ("production", "OK")])
def test_a_mail_is_sent_where_the_file_lets_it(mailing, post, where, verdict):
    ran = mailing.pytest("checks", "--target", f"post@{where}")
    assert ran.code == 0, ran.said
    assert mailing.verdicts()["smtp.takes_mail"] == verdict
    assert len(post.taken) == (0 if verdict == "skipped" else 1)
    assert ("no mail is sent here" in ran.said) is (verdict == "skipped")
    assert "hidden-sink" not in ran.said


def test_production_is_sent_none_unless_it_says_so(mailing, post):
    mailing.edit("systems/post/system.toml", 'writes = ["mail"]\n', "")
    assert mailing.pytest("checks", "--target", "post@production").code == 0
    assert post.taken == []


def test_a_user_that_is_not_known_is_high(mailing, post):
    post.says["RCPT TO"] = "550 No such user"
    ran = mailing.pytest("checks", "--target", "post@local")
    assert ran.code == 1
    assert "HIGH smtp.takes_mail: no, RCPT TO is answered 550 No such user" in ran.said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("checker@shop.example", "Checker <checker@shop.example>", "write an address: checker@shop.example"),
        ('writes = ["mail"]', 'writes = ["jobs"]', "environments.production.writes"),
        ('mail = { from = "checker@shop.example", to', "mail = { to", "services.mail.mail"),
    ],
)
def test_what_makes_no_sense_is_a_mistake(mailing, old, new, says):
    mailing.edit("systems/post/system.toml", old, new)
    ran = mailing.pytest("checks", "--target", "post@local")
    assert ran.code == 4
    assert says in ran.said


def test_an_address_that_is_set_nowhere_is_named(mailing):
    del mailing.environ["POST_TO"]
    ran = mailing.pytest("checks", "--target", "post@local")
    assert ran.code == 4
    assert "POST_TO is not set (services.mail.mail.to of post@local)" in ran.said
