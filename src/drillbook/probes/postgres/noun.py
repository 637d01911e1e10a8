"""A PostgreSQL server: does it answer, let the application in, take writes, and who is in whose way?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from drillbook.judging.observation import UNSAID, Observation
from drillbook.probes.again import of_time
from drillbook.probes.live import Spend, freely
from drillbook.probes.question import Unmeasured, needs, no, number, question, untold

if TYPE_CHECKING:
    from drillbook.probes.measure import Readings
    from drillbook.probes.postgres.table import PostgresService
    from drillbook.system.target import Service

_GB = 1e9


@dataclass
class Postgres:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`.

    What is asked live is left to `spend`.
    """

    service: Service
    readings: Readings
    up: str = "database.up"
    spend: Spend = freely

    @property
    def by(self) -> str:
        """Who answered: the service's name and the address of the peer, or what was asked where nobody did."""
        peer = next((one["by"] for one in self._sessions if one["by"]), "")
        return f"{self.service.name} {peer or self.service.where}"

    @property
    def can_write(self) -> bool | None:
        """Whether a role that was logged in could change data; None where that could not be told."""
        answers = [(one.get("can_write") or {}).get("can_write") for one in self._sessions]
        if any(answer is True for answer in answers):
            return True
        return False if answers and all(answer is False for answer in answers) else None

    @question
    def answers(self) -> Observation:
        """Whether the server can be reached and speaks, with us or of having no slot left: yes or no."""
        if "error" in self.readings.first:
            raise Unmeasured(self.readings.first["error"]["reason"])
        if self._there:
            self._expected_database()
            return Observation(True)
        return self._of_failure(self._login)

    @question
    def login(self) -> Observation:
        """Whether the application's role gets in: yes, or no where the server or a pooler has no slot left for it."""
        if self._pooler:
            return no(self._login["failed"]["reason"])
        needs(self.answers(), self.up)
        failed = self._login["failed"]
        if "identity" in self._login or not failed:
            return Observation(True, took=self._login["took"])
        if failed["kind"] in ("full", "down"):
            return no(failed["reason"])
        return self._of_failure(self._login)

    @question
    def login_time(self) -> Observation:
        """How long the application's login took, connection included, in ms."""
        self._own()
        return of_time(self, "login", self._login, Postgres.login_time)

    @question
    def writable(self) -> Observation:
        """Whether a fresh session of the application may write: not on a standby, not read-only by default."""
        identity = self._own()["identity"]
        if identity["recovering"]:
            return no("it is a standby: pg_is_in_recovery() is true")
        may = self._login.get("can_write") or {}
        if may.get("can_write") is False and not may.get("can_begin"):  # in an empty database nobody has a table yet
            raise Unmeasured(f"the role {identity['role']} may only read, whatever the server takes", applies=False)
        if identity["read_only"]:
            return no(f"default_transaction_read_only is on for {identity['role']}")
        return Observation(True)

    @question
    def connections_used(self) -> Observation:
        """Connections in use of those that the application may have, in %: its role's, its database's, the server's.

        Where nobody got in for want of a slot, or a pooler takes no more clients, that is 100 %.
        """
        if self._pooler == "full":
            return Observation(100.0, "%", reason=self._login["failed"]["reason"])
        needs(self.answers(), self.up)
        if not self._asked("room") and all(one["failed"] and one["failed"]["kind"] == "full" for one in self._sessions):
            return Observation(100.0, "%", reason=self._login["failed"]["reason"])
        room, used = self._found("room"), self._found("activity")
        pairs = {"server": "clients", "role": "of_role", "database": "of_database"}
        shares = [_share(used[users], room[limit], limit) for limit, users in pairs.items() if _limited(room[limit])]
        share, words = max(shares)
        return Observation(share, "%", reason=words)

    @question
    def idle_in_transaction(self) -> Observation:
        """Sessions of this database that hold a transaction open and do nothing, in sessions."""
        return self._of_activity("idle", "sessions")

    @question
    def oldest_idle_in_transaction(self) -> Observation:
        """How long the longest of those has been idle, in s; 0 where there is none."""
        return self._of_activity("oldest_idle", "s")

    @question
    def longest_query(self) -> Observation:
        """How long the longest running query of this database has run, in s; 0 where none runs."""
        return self._of_activity("longest_query", "s")

    @question
    def waiting_locks(self) -> Observation:
        """Sessions of this database that wait for a lock, in sessions."""
        return self._of_activity("waiting", "sessions")

    @question
    def size(self) -> Observation:
        """The size of the database, in GB of 10^9 bytes."""
        return Observation(number(self._found("size")["bytes"], "the size") / _GB, "GB")

    @question
    def ask(self, sql: str, *, unit: str = UNSAID) -> Observation:
        """What one statement that only looks answers, now: one number, yes or no."""
        from drillbook.probes.postgres import signals

        self._own()
        return Observation(signals.now(self.service, sql, spend=self.spend), unit)

    @property
    def _login(self) -> dict[str, Any]:
        session: dict[str, Any] = self.readings.first["login"]
        return session

    @property
    def _sessions(self) -> list[dict[str, Any]]:
        """The sessions that were tried, the one that sees most first."""
        return [one for name in ("monitor", "login") if (one := self.readings.first.get(name))]

    @property
    def _there(self) -> bool:
        """Whether a server spoke: it let one of our roles in, or had no slot for it. A pooler's word is not enough."""
        return any("identity" in one or _full(one["failed"] or {}) for one in self._sessions)

    @property
    def _pooler(self) -> str:
        """`full` or `waited` where a pooler kept the application out; else nothing."""
        return str((self.readings.first.get("login", {}).get("failed") or {}).get("pooler", ""))

    def _asked(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self._sessions if one.get(name)), None)

    def _found(self, name: str) -> dict[str, Any]:
        """The row called `name`, from the session that sees most."""
        needs(self.answers(), self.up)
        session = self._asked(name)
        if session is None:
            reasons = [one["failed"]["reason"] for one in self._sessions if one["failed"]]
            raise Unmeasured(f"it could not be asked: {'; '.join(reasons) or 'no answer'}")
        row: dict[str, Any] = session[name]
        return row

    def _of_activity(self, name: str, unit: str) -> Observation:
        row = self._found("activity")
        if row["hidden"]:
            raise Unmeasured(self._hidden(row["hidden"]))
        return Observation(number(row[name], name), unit)

    def _hidden(self, count: int) -> str:
        """That what others do is not shown to the role that looked, and what to do about it."""
        role, key = (self._asked("activity") or {})["identity"]["role"], f"services.{self.service.name}.monitor"
        hidden = f"{'1 session is' if count == 1 else f'{count} sessions are'} hidden from role {role}"
        monitor = self.readings.first.get("monitor")
        if monitor and monitor["failed"]:
            return f"{hidden}, and {key} did not find out: {monitor['failed']['reason']}"
        return f"{hidden}: GRANT pg_monitor TO {role}{'' if monitor else f', or declare {key}'}"

    def _own(self) -> dict[str, Any]:
        """The application's session, which must have got in."""
        needs(self.answers(), self.up)
        if "identity" not in self._login:
            reason = f"the application's role did not get in: {self._login['failed']['reason']}"
            raise Unmeasured(reason, because="database.login")
        return self._login

    def _expected_database(self) -> None:
        expected = cast("PostgresService", self.service.declared).expect
        names = [one["identity"]["database"] for one in self._sessions if one.get("identity")]
        wrong = next((name for name in names if expected and name != expected.database), None)
        if expected and wrong is not None:
            raise Unmeasured(f"answered by database {wrong}, not {expected.database}")

    def _of_failure(self, session: dict[str, Any]) -> Observation:
        declared, failed = cast("PostgresService", self.service.declared), session["failed"]
        if failed["kind"] == "down":
            return no(failed["reason"])
        if failed["kind"] == "login":
            raise Unmeasured(f"login refused for {self.service.name}: check ${declared.dsn.env} ({failed['reason']})")
        if failed["kind"] == "full":
            raise Unmeasured(f"{failed['reason']}; whether the server behind it answers cannot be told")
        raise untold(failed)


def _full(failed: dict[str, str]) -> bool:
    """Whether the server itself had no slot left."""
    return failed.get("kind") == "full" and "pooler" not in failed


def _limited(limit: int | None) -> bool:
    """Whether this limit exists: PostgreSQL writes -1 where there is none."""
    return limit is not None and limit >= 0


def _share(used: int, limit: int, whose: str) -> tuple[float, str]:
    """Used of the limit in %, and in words."""
    where = {"server": "of the server", "role": "of the application's role", "database": "of the database"}[whose]
    return (100.0 * used / limit if limit else 100.0), f"{used} of the {limit} connections {where}"
