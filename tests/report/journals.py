"""Journals made up for the page's tests: what runs of every kind write, line by line."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BEGAN = datetime(2026, 11, 22, 8, 6, 41, tzinfo=UTC)
CALLS = {
    "critical": {"respond": "2m", "resolve": "30m", "call": "on-call engineer; engineering lead after 30m"},
    "high": {"respond": "5m", "resolve": "1h", "call": "on-call engineer"},
}
LIMITS = {
    "api.p95": {"unit": "ms", "rungs": {"medium": "> 500", "high": "> 2000"}, "from": "API Latency"},
    "api.errors": {"unit": "%", "rungs": {"critical": "> 5"}, "from": "High Error Rate"},
}
PAGES = {"Redis Unreachable": "https://wiki.example/runbook#redis-unreachable"}
BODY = f"/health answered 503: {json.dumps({'status': 'down', 'parts': ['redis: connection refused'] * 12})[:200]}…"
WATCHED = ("redis.up", "redis.ping", "api.ready", "deals.ok", "health.redis", "queue.depth")


@dataclass
class Book:
    """A journal that is being made up; `at` is seconds since the run began."""

    at: float = 0.0
    lines: list[dict[str, object]] = field(default_factory=list)

    def time(self, at: float) -> str:
        """A moment as the journal writes it."""
        return (BEGAN + timedelta(seconds=at)).isoformat(timespec="milliseconds")

    def add(self, kind: str, **facts: object) -> Book:
        """Adds a line, a moment after the one before it."""
        self.at += 0.01
        self.lines.append({"kind": kind, "t": self.time(self.at), **facts})
        return self

    def run(self, target: str = "deal-scout@staging", gate: str = "high", command: str = "pytest checks") -> Book:
        """Adds the line that every run begins with."""
        environment = target.partition("@")[2]
        facts = {"target": target, "environment": environment, "gate": gate, "command": f"{command} --target {target}"}
        return self.add("run", **facts, calls=CALLS, limits=LIMITS, pages=PAGES)

    def verdict(self, name: str, outcome: str = "OK", *, target: str = "deal-scout@staging", **facts: object) -> Book:
        """Adds a verdict."""
        bad = outcome in ("BREACHED", "UNKNOWN")
        plain = {"severity": "high" if bad else None, "worst": "high", "value": 3.5, "unit": "ms", "limit": "> 50 ms"}
        plain |= {"reason": "", "of": "", "by": "backend 10.0.0.7:8000", "took": 0.0, "from": "house default"}
        plain |= {"check": f"checks/test_shop.py::test_{name.replace('.', '_')}"}
        return self.add("verdict", target=target, name=name, verdict=outcome, **plain | facts)

    def end(self, code: int, *trouble: str, **asked: object) -> Book:
        """Adds the line that a run ends with."""
        return self.add("end", exit=code, asked=asked, trouble=list(trouble))

    def save(self, folder: Path) -> Path:
        """Writes the journal into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "journal.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in self.lines))
        return folder


def checks() -> Book:
    """Checks with a breach of every severity, something unknown, something pending, and skips."""
    book = Book().run()
    book.verdict("redis.up", "BREACHED", severity="critical", value=False, unit="", limit="no",
                 reason="connection refused", check="checks/test_redis.py::test_redis_answers",
                 **{"from": "Redis Unreachable"})  # fmt: skip
    book.verdict(
        "queue.depth", "BREACHED", value=1200, unit="jobs", limit="> 1000 jobs", **{"from": "Task Queue Stuck"}
    )
    book.verdict("api.p95", "BREACHED", severity="medium", value=812.5, limit="> 500 ms", **{"from": "API Latency"})
    book.verdict("host.disk", "BREACHED", severity="low", value=81, unit="%", limit="> 80 %", of="/var/lib/postgresql")
    for name in ("redis.ping", "redis.memory", "redis.clients"):
        effect = {"reason": "redis.up is red: connection refused", "because": "redis.up"}
        book.verdict(name, "UNKNOWN", value=None, limit="> 250 ms", **effect)
    for name in ("api.ready", "api.healthy", "health.cache"):
        red = {"severity": "critical", "value": False, "unit": "", "limit": "no", "service": "backend"}
        book.verdict(name, "BREACHED", reason=BODY, **red)
    book.verdict("cache.hit_rate", "PENDING", value=42.0, unit="%", limit="< 50 %", reason="over the limit since 2 min")
    for number in range(24):
        book.verdict(f"database.check_{number}", value=number * 1.5)
    book.verdict("redis.evictions", "skipped", value=None, reason="no maxmemory is set")
    book.add("skip", check="checks/test_queue.py::test_queue", reason="deal-scout has no celery service")
    book.at = 3.4
    return book.end(1, backend=14, redis=3, postgres=6)


def every(rounds: int = 8) -> Book:
    """Rounds of which some are red."""
    book = Book().run(command="pytest checks --every 30s")
    for number in range(1, rounds + 1):
        book.at = number * 30
        red = number in (3, 4, 6)
        book.verdict("api.ready", "BREACHED" if red else "OK", round=number, value=not red, unit="", limit="no")
        book.verdict("api.p95", "UNKNOWN" if number == 4 else "OK", round=number, reason="no traffic in 1 s" * red)
        book.verdict("deals.ok", round=number, value=True, unit="", limit="no")
        book.add("round", round=number, missed=int(number == 5), took=0.4)
    return book.end(1, backend=80)


def drill() -> Book:
    """One drill that came out."""
    book = Book().run("deal-scout@drill", "low", "pytest chaos")
    _drill(book, "redis_killed")
    return book.end(0)


def failed() -> Book:
    """A drill that did not recover, a control run, and one in which nothing could be told."""
    book = Book().run("deal-scout@drill", "low", "pytest chaos --control")
    _drill(book, "redis_killed", healed=False)
    _drill(book, "disk_full", control=True)
    check = "chaos/test_pool.py::test_pool"
    book.add("drill", check=check, runbook="Database Unreachable", control=False)
    book.verdict("drill.pool", "UNKNOWN", severity="critical", check=check, value=None, reason="compose says: no")
    return book.end(1, "left behind: container 3f2a: run `drillbook sweep`")


def killed() -> Book:
    """A drill in the middle of which everything was killed."""
    book = drill()
    fixed = next(n for n, line in enumerate(book.lines) if line.get("phase") == "fix")
    del book.lines[fixed:]
    return book


def load(seconds: int = 60, profile: str = "demo") -> Book:
    """A load profile with a slow stretch, a spike, and a few errors."""
    book = Book().run("deal-scout@local", "low", "pytest load")
    _load(book, seconds, profile)
    return book.end(1, backend=seconds * 20)


def targets() -> Book:
    """Checks of three targets: one is well, one is red, of one nothing that could reach the gate was measured."""
    well, red, dark = "deal-scout@staging", "kuya-comps@staging", "kuya-comps@production"
    book = Book()
    for target in (well, red, dark):
        book.run(target)
    for target in (well, red):
        bad = target == red
        said = {"value": not bad, "unit": "", "limit": "no", "reason": "connection refused" * bad, "target": target}
        book.verdict("redis.up", "BREACHED" if bad else "OK", **said)
        book.verdict("redis.ping", "UNKNOWN" if bad else "OK", target=target, because="redis.up" * bad)
        book.add("skip", target=target, check=f"checks/test_queue.py::test_queue[{target}]", reason="no celery service")
    book.verdict("api.latency", worst="medium", target=dark)
    book.verdict("redis.evictions", "skipped", target=dark, value=None, reason="no maxmemory is set")
    asked = {well: {"redis": 3, "backend": 14}, red: {"redis": 0}, dark: {"backend": 1}}
    return book.end(1, **asked)


def everything() -> Book:
    """All of it in one journal, with what nobody can read in between."""
    book = checks()
    book.lines.pop()
    _drill(book, "redis_killed", worker="gw0")
    _drill(book, "redis_killed_again", healed=False, worker="gw1")
    _load(book, 300, "busy_hour")
    book.add("verdict", name="forged.limit", verdict="SPLENDID", value=1)
    book.add("poem", text="roses are red")
    book.add("phase", phase=7, words=["x"])
    return book.end(1, "left behind: a volume", backend=1000)


def _drill(book: Book, name: str, *, healed: bool = True, control: bool = False, **worker: str) -> None:
    began, check = book.at, f"chaos/test_{name}.py::test_{name}"
    book.add("drill", check=check, runbook="Redis Unreachable", control=control, **worker)

    def phase(at: float, phase: str, words: str, **facts: object) -> None:
        _rounds(book, began, at, **worker)
        book.at = began + at
        book.add("phase", phase=phase, words=words, at=at, **facts, **worker)

    book.add("phase", phase="stack", words="deal-scout@drill is up and warm (waited 1 s)", **worker)
    phase(5.1, "steady state", "all green, clients are served")
    phase(5.1, "fault", "redis is killed")
    phase(5.4, "witness", "redis: exited (137), refuses connections")
    phase(6.6, "symptom", "redis.up, api.ready red, detected after 1.5 s", detected=1.5)
    _ledger(book, "during the fault", acknowledged=33, lost=0, **worker)
    phase(9.1, "fix", "restart redis: redis restarted")
    if healed:
        phase(14.2, "recovery", "all green 3.4 s after the fix, 8.4 s after the fault", recovered=3.4)
    phase(17.0, "restored", "all green again; redis: running, answers")
    for second in range(18):
        broken = 5 <= second < 10
        facts = {
            "requests": 12,
            "errors": 4 * broken,
            "p95": None if second == 7 else 35.0 + 600 * broken,
            "max": 980.0,
        }
        book.lines.append({"kind": "traffic", "t": book.time(began + second), **facts, **worker})
    why = "recovery: not green within 7 s: CRITICAL redis.up: no, connection refused"
    if not healed:
        book.add("phase", phase="recovery", words=f"FAILED: {why.removeprefix('recovery: ')}", **worker)
    _ledger(book, "after the fix", acknowledged=66, lost=0 if healed else 2, **worker)
    words = "detected in 1.5 s, recovered 3.4 s after the fix, nothing lost" if healed else why
    outcome = "OK" if healed else "BREACHED"
    verdict = {
        "severity": None if healed else "critical",
        "worst": "critical",
        "value": healed,
        "unit": "",
        "limit": "",
    }
    book.verdict(f"drill.{name}", outcome, check=check, reason=words, by="", **verdict, **{"from": "Redis Unreachable"})


def _rounds(book: Book, began: float, until: float, **worker: str) -> None:
    while book.at < began + until - 1:
        book.at += 1
        at = book.at - began
        for name in WATCHED:
            bad = 5.5 < at < 11 and name != "deals.ok"
            outcome = "OK" if not bad else "UNKNOWN" if name == "queue.depth" else "BREACHED"
            book.verdict(name, outcome, round=int(at), reason="connection refused" * bad, **worker)
        book.add("round", round=int(at), missed=0, took=0.3, **worker)


def _ledger(book: Book, when: str, *, acknowledged: int, lost: int, **worker: str) -> None:
    kept = "all are there" if not lost else f"LOST {lost} of {acknowledged}"
    facts = {"present": acknowledged - lost, "lost": ["key"] * lost, "maybe": 3, "recovered": 1}
    outcome = "BREACHED" if lost else "OK" if when == "after the fix" else "UNKNOWN"
    verdict = {"verdict": outcome, "words": f"orders: {kept}; 3 indeterminate, 1 of them there"}
    book.add("ledger", ledger="orders", when=when, acknowledged=acknowledged, **facts, **verdict, **worker)


def _load(book: Book, seconds: int, profile: str) -> None:
    check = f"load/{profile}.py::{profile}"
    arrivals = [{"to": 20, "seconds": seconds / 5}, {"to": 20, "seconds": seconds * 4 / 5}]
    facts = {
        "about": "An ordinary busy hour, squeezed.",
        "runbook": "API Latency",
        "held_to": ["api.p95", "api.errors"],
    }
    book.add(
        "load", profile=profile, check=check, arrivals=arrivals, seconds=float(seconds), asked=18 * seconds, **facts
    )
    began = book.at
    for second in range(seconds):
        book.at = began + second
        book.add("traffic", profile=profile, **_second(second, seconds))
    book.add("loaded", profile=profile, asked=18 * seconds, sent=18 * seconds, on_time=0.994, requests=18 * seconds,
             served=18 * seconds - 7, seconds=seconds + 0.4, **_quantiles(1.0), cpu=0.12, late_p95=1.2,
             names=[{"name": "/deals", "requests": 16 * seconds, "errors": 5, **_quantiles(1.1)},
                    {"name": "/health", "requests": 2 * seconds, "errors": 2, **_quantiles(0.2)}],
             reasons=[{"name": "/deals", "reason": "500 Internal Server Error", "count": 5},
                      {"name": "/health", "reason": "no answer within 10 s", "count": 2}])  # fmt: skip
    plain = {"check": check, "of": profile, "worst": "medium", "by": "backend 127.0.0.1:8000"}
    book.verdict("api.p95", "BREACHED", severity="medium", value=612.0, limit="> 500 ms", **plain)
    book.verdict("api.errors", value=0.6, unit="%", limit="> 5 %", **plain)


def _second(second: int, seconds: int) -> dict[str, object]:
    asked = min(20.0, 100 * (second + 0.5) / seconds)
    p95 = 40 + 15 * math.sin(second / 3) + (700 if 0.5 < second / seconds < 0.65 else 0)
    served = None if second == seconds * 3 // 4 else round(p95, 1)
    slowest = 9000.0 if second == seconds // 3 else round(p95 * 1.8, 1)
    errors = 3 if second % 17 == 5 else 0
    return {"requests": round(asked), "errors": errors, "p95": served, "max": slowest, "asked": asked}


def _quantiles(factor: float) -> dict[str, float]:
    return {"p50": 38.0 * factor, "p95": 612.0 * factor, "p99": 790.0 * factor, "max": 9000.0 * factor}
