"""What of an address is secret, and what is not: both sides, for each form that clients understand."""

from __future__ import annotations

import base64
import html
import json
import re
import subprocess
import sys
from urllib.parse import quote, quote_plus

import pytest

from drillbook.common import redact
from drillbook.common.login import taken_apart
from drillbook.common.redact import keep_header, keep_names, keep_secret, keep_secrets_of, masked, scrub, scrubbed
from drillbook.plugin.judging import for_log

SECRET = "Sup3rS3cretPart"


def test_what_was_said_before_a_secret_was_learnt_is_masked_after_it():
    for secret in ("Sup3rS3cretPart", "An0therS3cret"):
        assert redact.scrub(f"no {secret} here") == f"no {secret} here"
        redact.keep_secret(secret)
        assert redact.scrub(f"no {secret} here") == "no *** here"


def test_a_short_word_that_turns_out_to_be_a_name_is_told_from_then_on():
    redact._remembered.add("worker")
    keep_names("another")
    assert redact.scrub("a worker here") == "a *** here"
    keep_names("worker")
    assert redact.scrub("a worker here") == "a worker here"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("http://shop:{}@web:8000/base", "web:8000"),
        ("http://{}@web:8000", "web:8000"),
        ("https://{}:@web", "web"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("postgresql://shop:{}#tail@127.0.0.1:5432/shop", "127.0.0.1:5432"),
        ("postgresql://shop:{}/ta?il@127.0.0.1:5432/shop", "127.0.0.1:5432"),
        ("postgresql://shop:{}@tail@127.0.0.1/shop", "127.0.0.1"),
        ("postgresql://shop@a:1,b:2/shop?password={}", "a:1,b:2"),
        ("postgresql://shop:{}@/shop?host=/var/run/postgresql", "/var/run/postgresql"),
        ("postgresql://shop:{}@%2Fvar%2Frun/shop", "/var/run"),
        ("host=a,b port=1,2 user=shop password={}", "a:1,b:2"),
        ("host = db port = 5432 password='{} with \\' blanks'", "db:5432"),
        ("host=/var/run password={}", "/var/run"),
        ("redis://:{}@cache:6379/0", "cache:6379"),
        ("unix://shop:{}@/run/redis.sock?db=1", "/run/redis.sock"),
    ],
)
def test_the_place_is_known_and_the_rest_is_not_told(address, place):
    keep_secrets_of(address.format(SECRET))
    assert taken_apart(address.format(SECRET)).place == place
    assert scrub(place) == place
    assert SECRET not in scrub(address.format(SECRET))
    assert SECRET not in masked(address.format(SECRET))


@pytest.mark.parametrize(
    "address",
    [
        "{}",
        "{}@web:8000/base@other",
        "http://web:8000/with@{}",
        "postgresql://shop:{}",
        "postgresql://shop:12#{}@db/shop",
        "host=db password={} and blanks",
        "host=db pasword={}",
        "http://web:port-{}/",
    ],
)
def test_of_an_address_that_cannot_be_read_for_certain_nothing_is_told(address):
    keep_secrets_of(address.format(SECRET))
    assert taken_apart(address.format(SECRET)).place == ""
    assert SECRET not in scrub(f"asked {address.format(SECRET)} in vain")
    assert SECRET not in masked(address.format(SECRET))


@pytest.mark.parametrize("separator", ["#", "/", "?", "@", ":", "%", " ", "&", "="])
def test_a_piece_of_a_password_is_a_secret_too(separator):
    keep_secrets_of(f"postgresql://shop:first1{separator}second2@h/shop")
    assert "first1" not in (said := scrub("first1, second2"))
    assert "second2" not in said


@pytest.mark.parametrize("secret", ["p@ss+word/1&<\"'>ü", "Sup3r/S3cret=", "plain-token.with_marks~"])
def test_a_secret_is_masked_in_each_form_that_it_travels_in(secret):
    keep_secret(secret)
    basic = base64.b64encode(f"somebody:{secret}".encode()).decode()
    forms = [secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1], html.escape(secret)]
    forms += [quote(secret, safe="").lower().replace(secret.lower(), secret)] if secret.islower() else []
    forms += [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], secret.replace("/", "\\/")]
    forms += [
        base64.b64encode(secret.encode()).decode(),
        base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    ]
    for form in forms:
        assert scrub(f"<{form}>") == "<***>"
    assert basic[16:-4] not in scrub(f"Basic {basic}")
    assert json.loads(scrub(json.dumps({"a": [secret, 1]})))["a"][1] == 1


@pytest.mark.parametrize("secret", ["q7Zp2LxW9vT4bN8mK1", 'hG5/jL#9?mQ@2:w%8+ "k&d<x', "größe-des-Wortes"])
def test_a_secret_is_masked_behind_more_than_one_layer(secret):
    keep_secret(secret)
    basic = base64.b64encode(secret.encode())
    for said in (
        secret.upper(),
        secret.lower(),
        quote(quote(secret, safe=""), safe=""),
        quote(quote(quote(secret, safe=""), safe=""), safe=""),
        "".join(f"&#{ord(one)};" for one in secret),
        "".join(one if one.isalnum() else f"&#x{ord(one):x};" for one in secret),
        html.escape(html.escape(secret)),
        secret.encode().hex(),
        secret.encode().hex().upper(),
        base64.b64encode(basic).decode(),
        base64.b64encode(b"login " + basic + b" refused").decode(),
        repr(secret.encode())[2:-1],
        secret.encode().decode("latin-1"),
    ):
        assert scrub(f"you sent {said} !") == "you sent *** !"


@pytest.mark.parametrize("width", [1, 3, 5, 7, 9])
@pytest.mark.parametrize("end", ["\n", "\r\n    ", "\\n", " "])
def test_a_secret_is_masked_that_is_broken_into_lines(width, end):
    token = "q7Zp2LxW9vT4bN8mK1"
    keep_secret(token)
    said = scrub(end.join(token[at : at + width] for at in range(0, len(token), width)))
    assert said == "***"


def test_colours_and_line_ends_inside_of_a_secret_do_not_show_it():
    keep_secret("a1%sb2%dc3%xd4%s")
    coloured = "\x1b[33ma1\x1b[39;49;00m\x1b[33m%s\x1b[0mb2\x1b[33m%d\x1b[0mc3%\x1b[1mxd4%s\x1b[m"
    assert scrub(f"E   {coloured}").startswith("E   ")
    assert not re.search("a1|b2|c3|d4", scrub(coloured))
    assert for_log(f"E   {coloured} !\n\x1b[91m- other\x1b[0m") == "E   *** !\n- other"
    assert for_log("a1%sb\n2%dc3%x\nd4%s") == "***"
    assert for_log("\x1b]0;title\x07") == r"\x1b]0;title\x07"


def test_what_is_encoded_and_no_secret_stays():
    keep_secret("q7Zp2LxW9vT4bN8mK1")
    for text in (
        "302 to /login?next=%252Fitems%253Fpage%253D2",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736",
        "etag SGVsbG8gd29ybGQsIHdoYXQgYSBkYXk=",
        "&#60;html&#62; it said &amp;amp;",
        "İstanbul 1\n2 K",
    ):
        assert scrub(text) == text


@pytest.mark.parametrize("length", range(8, 30))
def test_a_secret_that_somebody_cut_is_masked_as_far_as_it_goes(length):
    token = "q7Zp2LxW9vT4bN8mK1sD6fG3hJ5cR0"
    keep_secret(token)
    for start in range(len(token) - length + 1):
        assert scrub(f"…{token[start : start + length]}…") == "…***…"


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ("Bearer Sup3rS3cretPart", "Sup3rS3cretPart"),
        (f"Basic {base64.b64encode(b'shop:Sup3rS3cretPart').decode()}", "Sup3rS3cretPart"),
        ("Token Sup3rS3cretPart", "Sup3rS3cretPart"),
        ("session=Sup3rS3cretPart; theme=dark", "Sup3rS3cretPart"),
        ('Digest username="shop", response="Sup3rS3cretPart"', "Sup3rS3cretPart"),
    ],
)
def test_what_a_header_says_is_secret_also_without_its_scheme(header, seen):
    keep_header(header)
    assert scrub(f"you sent {seen}") == "you sent ***"
    assert scrub("Bearer, Basic, Token, session") == "Bearer, Basic, Token, session"


@pytest.mark.parametrize(
    "text",
    [
        "CRITICAL database.up: connection refused (deal-scout@local, answered by postgres 127.0.0.1:5432)",
        "deals.ok: 200, drillbook logs in to deals with sslmode=require as drillbook",
        "password authentication failed for user deals",
        "deal-scout@local: database is not accepting connections, postgres, redis, celery",
    ],
)
def test_what_a_report_is_made_of_stays(text):
    keep_names("deal-scout@local", "deal-scout", "deals")
    for address in (
        "postgresql://deals:deal-scout-pw@127.0.0.1:5432/deals?sslmode=require",
        "postgresql://drillbook:postgres@127.0.0.1:5432/deals?application_name=drillbook",
        "postgresql://drillbook@127.0.0.1:5432/deals",
        "redis://default:password-of-redis@127.0.0.1:6379/0",
        "http://127.0.0.1:8000",
    ):
        keep_secrets_of(address)
    assert scrub(text) == text


@pytest.mark.parametrize("secret", ["U3VwM3JTM2NyZXRQYXJ0", "U3VwM3JTM2NyZXRQYXI=", "U3VwM3JTM2NyZXRQYQ=="])
def test_a_key_without_a_value_may_be_the_secret(secret):
    keep_secrets_of(f"redis://cache:6379/0?{secret}")
    assert secret.rstrip("=") not in scrub(f"{secret} {secret.lower()}")


def test_a_user_that_looks_like_a_key_is_no_name():
    keep_secrets_of("https://AKIA5XQ7ZP2LXW9V:other-secret-1@h")
    assert scrub("AKIA5XQ7ZP2LXW9V") == "***"


def test_a_login_in_a_url_is_masked_also_where_nobody_registered_it():
    assert scrub("see https://q7Zp2LxW9@h/x and redis://shop@h") == "see https://***@h/x and redis://shop@h"


def test_texts_are_scrubbed_wherever_they_are_in_a_value():
    keep_secret(SECRET)
    assert scrubbed({"a": [SECRET, 1, None], SECRET: (True,)}) == {"a": ["***", 1, None], "***": [True]}


def test_a_large_text_takes_no_longer_for_what_stands_in_it():
    """A search that is not linear takes hours: a program that may use a minute of a processor is cut off in it."""
    program = """
import resource
from drillbook.common.redact import keep_secret, scrub
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
keep_secret("Sup3rS3cretPart")
for hostile in ("a" * 1_000_000, "://" * 300_000, "x:" * 500_000, "Sup3rS3" * 100_000):
    scrub(hostile)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
