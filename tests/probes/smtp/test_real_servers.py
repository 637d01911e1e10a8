"""Real mail servers: with STARTTLS, with TLS from the first byte, with a login, and with none of them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from drillbook.probes.measure import measure
from drillbook.probes.smtp import reading
from drillbook.probes.smtp.noun import Smtp

HOST = "127.0.0.1"
LOGIN = "shop:p%40ss/w#rd"
OVER = threading.Event()


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    """The TLS of a server whose authority is in a file."""
    authority, made = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(made)
    path = tmp_path_factory.mktemp("smtp") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return made, path


@pytest.fixture
def trusted(context, monkeypatch):
    """The same, its authority trusted by this machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(context[1]))
    return context[0]


def authenticate(_server, _session, _envelope, _way, login):
    return AuthResult(success=(login.login, login.password) == (b"shop", b"p@ss/w#rd"), handled=False)


@pytest.fixture
def mail(a_port):
    """Starts a server: its port. It takes the login of `LOGIN` alone, and must never see a mail."""
    with contextlib.ExitStack() as running:

        def start(**how):
            server = Controller(NoMail(), hostname=HOST, port=a_port(), authenticator=authenticate, **how)
            server.start()
            running.callback(server.stop)
            return server.port

        yield start


class NoMail:
    """Refuses every mail."""

    async def handle_MAIL(self, *_):  # noqa: N802  # aiosmtpd calls it so
        raise AssertionError("a mail was sent")


@pytest.fixture
def smtp(a_service):
    """What is found at a port."""

    def look(port, *, login=f"{LOGIN}@", scheme="smtp", deadline="20s"):
        service = a_service("smtp", f"{scheme}://{login}{HOST}:{port}", name="mail", roles=["mail"], deadline=deadline)
        return Smtp(service, measure([service], 0.0)["mail"])

    return look


def test_it_greets_and_takes_the_login_after_starttls(mail, smtp, trusted):
    noun = smtp(mail(tls_context=trusted, require_starttls=True))
    assert noun.answers().value is True
    assert (noun.logs_in().value, noun.logs_in().reason) == (True, "")
    time = noun.greeting_time()
    assert (time.value > 0, time.unit) == (True, "ms")
    assert noun.by.startswith("mail 127.0.0.1:")
    assert time.again().value > 0


def test_it_takes_the_login_inside_tls(mail, smtp, trusted):
    noun = smtp(mail(ssl_context=trusted, auth_require_tls=False), scheme="smtps")
    assert (noun.answers().value, noun.logs_in().value) == (True, True)


@pytest.mark.parametrize("kept", ["PLAIN", "LOGIN"])
def test_both_ways_to_log_in_are_known(mail, smtp, kept):
    other = {"PLAIN": "LOGIN", "LOGIN": "PLAIN"}[kept]
    assert smtp(mail(auth_require_tls=False, auth_exclude_mechanism=[other])).logs_in().value is True


def test_a_login_that_is_refused_says_which_variable_to_look_at(mail, smtp):
    noun = smtp(mail(auth_require_tls=False), login="shop:hunter2secret@")
    answer = noun.logs_in()
    assert (noun.answers().value, answer.value) == (True, None)
    assert answer.reason == "login refused for mail (535): check $THE_ADDRESS"
    assert "hunter2secret" not in str(noun.readings)


def test_a_password_is_sent_to_no_other_machine_unencrypted(mail, smtp, monkeypatch):
    seen = []
    monkeypatch.setattr(reading, "is_near", lambda peer: seen.append(peer))
    noun = smtp(mail(auth_require_tls=False))
    assert (noun.answers().value, noun.logs_in().value) == (True, None)
    assert noun.logs_in().reason.endswith("use smtps://, or no login")
    assert "login" not in noun.readings.first
    assert seen == [HOST]


def test_without_a_user_there_is_nothing_to_log_in(mail, smtp):
    noun = smtp(mail(), login="")
    assert noun.answers().value is True
    assert not noun.logs_in().applies


def test_a_server_that_offers_no_login_is_told_from_one_that_refuses_it(mail, smtp):
    answer = smtp(mail()).logs_in()  # this one wants TLS first, and has none
    assert answer.value is None
    assert "it offers no login" in answer.reason


def test_nobody_is_told_the_password_whose_certificate_is_not_trusted(mail, smtp, context):
    noun = smtp(mail(tls_context=context[0]))
    assert noun.answers().value is True
    assert noun.logs_in().value is None
    assert "certificate is not trusted here" in noun.logs_in().reason


@pytest.fixture
def says():
    """A server that says this to whatever it is told, and nothing more: its port."""
    with contextlib.ExitStack() as listening:
        OVER.clear()

        def start(*lines):
            server = listening.enter_context(socket.create_server((HOST, 0)))
            threading.Thread(target=attend, args=(server, lines), daemon=True).start()
            return server.getsockname()[1]

        yield start
        OVER.set()


def attend(server, lines):
    with contextlib.suppress(OSError):
        client, _ = server.accept()
        with client:
            for line in lines:
                client.sendall(line)
                client.recv(1000)
            OVER.wait(60 if not lines or lines[-1].startswith(b"220-w") else 0)


@pytest.mark.parametrize(
    ("lines", "value", "reason"),
    [
        ([], False, "no answer within 3 s"),
        ([b"421 too busy\r\n"], False, "it greets with 421"),
        ([b"421 4.3.2 All server ports are busy\r\n"], False, "it greets with 421 4.3.2 All server ports are busy"),
        ([b"421 4.7.0 too many connections from 127.0.0.1\r\n"], None, "127.0.0.1: it is us whom it does not serve"),
        ([b"554-5.7.1 blocked\r\n554 5.7.1 using sbl\r\n"], None, "it greets with 554 5.7.1 using sbl: it is us"),
        (
            [b"220-wait\r\n"],
            None,
            "it lets us wait for all of its greeting, as postscreen does: raise services.mail.dead",
        ),
        ([b"220 hello\r\n", b"502 what?\r\n"], False, "EHLO is answered 502"),
        ([b"220 hello\r\n"], False, "it closed the connection"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], None, "it does not speak SMTP, it said 'SSH-2.0"),
        ([b"x" * 70_000], None, "a line of it does not end"),
        ([b"220-a\r\n" * 200], None, "more than 100 lines"),
    ],
    ids=[
        "mute",
        "busy",
        "full",
        "too often",
        "blocked",
        "waits",
        "no EHLO",
        "hangs up",
        "SSH",
        "endless line",
        "endless reply",
    ],
)
def test_what_is_no_mail_server_that_works(says, smtp, lines, value, reason):
    noun = smtp(says(*lines), deadline="3s")
    assert noun.answers().value is value
    assert reason in noun.answers().reason
    assert noun.greeting_time().because == noun.logs_in().because == "smtp.up"


def test_a_login_that_cannot_be_judged_now_is_no(says, smtp):
    answer = smtp(says(b"220 a\r\n", b"250-a\r\n250 AUTH PLAIN\r\n", b"454 later\r\n")).logs_in()
    assert (answer.value, answer.reason) == (False, "the login is answered 454 later")


def test_nobody_there(smtp, a_port):
    assert smtp(a_port()).answers().reason == "connection refused"


def test_an_address_of_something_else(smtp, a_port):
    answer = smtp(a_port(), scheme="http").answers()
    assert (answer.value, answer.reason) == (None, "its address is no smtp:// or smtps:// URL")


@pytest.mark.parametrize("address", ["h:99999", "h:port", "[::1"])
def test_a_place_that_is_none(a_service, address):
    service = a_service("smtp", f"smtp://shop:hunter2@{address}", name="mail", roles=["mail"])
    answer = Smtp(service, measure([service], 0.0)["mail"]).answers()
    assert (answer.value, answer.reason) == (
        None, "its address is no smtp:// or smtps:// URL: its host or port is none",
    )  # fmt: skip


def test_who_speaks_no_tls_from_the_first_byte_is_told_so_in_the_words_of_mail(mail, smtp):
    answer = smtp(mail(), scheme="smtps").answers()
    assert answer.value is None
    assert answer.reason.startswith("it does not speak TLS from the first byte: write smtp://")


def test_who_says_yes_to_starttls_and_speaks_none_is_not_told_to_be_asked_without(says, smtp):
    noun = smtp(says(b"220 hello\r\n", b"250-me\r\n250 STARTTLS\r\n", b"220 go\r\n", b"220 and on\r\n"), deadline="3s")
    assert (noun.answers().value, noun.logs_in().value) == (True, None)
    assert noun.logs_in().reason == "it says yes to STARTTLS, and then speaks no TLS"


def test_port_465_without_tls_is_a_mistake_and_no_outage(says, smtp, monkeypatch):
    port = says()
    monkeypatch.setitem(reading._PORTS, "smtps", port)
    answer = smtp(port, deadline="3s").answers()
    assert (answer.value, answer.reason.endswith("TLS is spoken from the first byte: write smtps://")) == (None, True)


async def refuse_what_is_no_whole_name(_handler, _server, session, _envelope, hostname, responses):
    """As Postfix does by `reject_non_fqdn_helo_hostname`."""
    session.host_name = hostname
    whole = "." in hostname.strip(".")
    return responses if whole else ["504 5.5.2 Helo command rejected: need fully-qualified hostname"]


def test_it_says_who_we_are_as_servers_want_it(mail, smtp, monkeypatch):
    monkeypatch.setattr(NoMail, "handle_EHLO", refuse_what_is_no_whole_name, raising=False)
    answer = smtp(mail(auth_require_tls=False)).answers()
    assert (answer.value, answer.reason) == (True, "")
