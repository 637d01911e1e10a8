"""The forms that addresses and headers come in, each around a canary of its own, and what of it must not be seen."""

from __future__ import annotations

import base64
import html
import json
import random
import string
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

LETTERS = string.ascii_letters + string.digits
RUN = 8
ESCAPES = html.escape('"<')  # eight characters and more, none of which is a secret's

# `{c}` is the canary, `{q}` the same quoted, `{b}` base64 of shop:canary, `{at}` host and port, `{h}` and `{p}` each.
HTTP = (
    ("http://shop:{c}@{at}", ""),
    ("http://{c}@{at}", ""),
    ("http://{c}:@{at}", ""),
    ("http://shop:{q}@{at}", "@/+"),
    ("http://shop:{c}@{at}", "#"),
    ("http://shop:{c}@{at}", "/"),
    ("http://{at}/base?api_key={c}&x=", ""),
    ("http://{at}/base#{c}", ""),
    ("{c}", ""),
    ("{c}@{at}", ""),
)
HEADERS = (
    ("Authorization", "", "Bearer {c}", ""),
    ("Authorization", "Bearer ", "{c}", "/+="),
    ("Authorization", "", "Basic {b}", ""),
    ("Authorization", "", "Token {c}", "."),
    ("Authorization", "", 'Digest username="shop", response="{c}"', ""),
    ("Cookie", "", "session={c}; theme=dark", ""),
    ("X-Api-Key", "", "{c}", '"<'),
    ("X-Api-Key", "", "{c}", "-_"),
)
POSTGRES = (
    ("postgresql://shop:{c}@{at}/shop", ""),
    ("postgresql://shop:{c}@{at}/shop", "#"),
    ("postgresql://shop:{c}@{at}/shop", "/?"),
    ("postgresql://shop:{c}@{at}/shop", "@:"),
    ("postgresql://shop:{q}@{at}/shop", "%/ "),
    ("postgresql+asyncpg://shop:{c}@{at}/shop", ""),
    ("postgresql://{c}:{c}@{at}/shop", ""),
    ("postgresql://shop@{at}/shop?password={c}", ""),
    ("postgresql://shop@{at}/shop?sslmode=prefer&sslpassword={c}", ""),
    ("postgresql://shop:{c}@{at},{at}/shop", ""),
    ("postgresql://shop:{c}@/shop?host=/nowhere/to/be/found", ""),
    ("host={h} port={p} user=shop dbname=shop password='{c}'", " "),
    ("host={h} port={p} user=shop dbname=shop password={c}", ""),
    ("host={h} port={p} user=shop password={c} dbname=shop", " "),
    ("host={h} port={p} user=shop password='{c}\\' ' dbname=shop", ""),
    ("postgresql+asyncpg://shop:{c}@{at}/shop?ssl=disable&prepared_statement_cache_size=0", "#/"),
    ("jdbc:postgresql://{at}/shop?user=shop&password={q}&currentSchema=shop", "@&"),
    ("Host={h};Port={p};Username=shop;Password={c};Database=shop;Pooling=true", "#@"),
    ("Server={h};Port={p};User Id=shop;Pwd='{c}';Database=shop;SSL Mode=Disable", ";="),
    ("postgresql://shop:%zz{c}@{at}/shop", ""),
    ("postgresql://shop:{c}", ""),
    ("{c}", ""),
)
REDIS = (
    ("redis://:{c}@{at}/0", ""),
    ("redis://{c}@{at}/0", ""),
    ("redis://shop:{q}@{at}/0", "#/"),
    ("redis://shop:{c}@{at}/0", "#"),
    ("redis://{at}/0?password={c}", ""),
    ("rediss://:{c}@{at}/0", ""),
    ("unix://shop:{c}@/nowhere/redis.sock", ""),
    ("redis://:{c}@{h}:{c}/0", ""),
    ("redis://:{c}@{at}?virtual_host=1&visibility_timeout=3600", "#/"),
)
HOST = (("http://node:{c}@{at}/metrics", ""), ("http://{c}@{at}", "-"))


@dataclass(frozen=True)
class Form:
    """One form: the kind of service, the variable's template, its canary, and how it is sent where it is a header."""

    kind: str
    template: str
    canary: str
    header: str = ""
    prefix: str = ""

    def value(self, host: str, port: int) -> str:
        """What the variable holds, for a server there."""
        basic = base64.b64encode(f"shop:{self.canary}".encode()).decode()
        parts = {"{c}": self.canary, "{q}": quote(self.canary, safe=""), "{b}": basic}
        filled = self.template
        for place, text in {**parts, "{at}": f"{host}:{port}", "{h}": host, "{p}": str(port)}.items():
            filled = filled.replace(place, text)
        return filled


def forms() -> list[Form]:
    """Every form, with a canary that no other has."""
    kinds = {"http": HTTP, "postgres": POSTGRES, "redis": REDIS, "celery": REDIS[:2], "host": HOST}
    made = [
        Form(kind, template, _canary(kind, number, special))
        for kind in kinds
        for number, (template, special) in enumerate(kinds[kind])
    ]
    headers = [
        Form("header", template, _canary("header", number, special), name, prefix)
        for number, (name, prefix, template, special) in enumerate(HEADERS)
    ]
    return made + headers


def _canary(kind: str, number: int, special: str) -> str:
    """Twelve letters and digits, the special characters, and twelve more."""
    chance = random.Random(f"{kind} {number}")
    return special.join("".join(chance.choices(LETTERS, k=12)) for _ in range(2))


def seen(form: Form, text: str) -> list[str]:
    """What of the form's canary stands in `text`: any eight characters of it, or of what it travels as."""
    canary = form.canary
    basic = base64.b64encode(f"shop:{canary}".encode()).decode()[8:]  # behind what says `shop:`
    disguised = {quote(canary, safe=""), quote_plus(canary), json.dumps(canary)[1:-1], html.escape(canary), basic}
    encoded = base64.b64encode(canary.encode()).decode().rstrip("=")
    wanted = {canary, encoded, encoded.replace("+", "-").replace("/", "_"), *disguised, canary.replace("/", "\\/")}
    runs = {one[at : at + RUN] for one in wanted for at in range(len(one) - RUN + 1)}
    return sorted(run for run in runs if run in text and run not in ESCAPES)
