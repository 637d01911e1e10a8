"""Sessions of the database: transactions that an application opens and never ends, until its pool is empty."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import unquote, urlsplit

from drillbook.common.mistakes import Mistakes
from drillbook.common.polling import until
from drillbook.faults.fault import Evidence, Fault, honest
from drillbook.faults.reviving import revive
from drillbook.stack.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.stack.handle import Running
    from drillbook.system.file import Trouble

BITES_WITHIN = 10.0  # traffic holds connections too, so that the leak gets the last of them only by and by
ENDS_WITHIN = 10.0
ANSWER_SECONDS = 5.0
# A healthy session is in this state for milliseconds, between two statements.
IDLE: LiteralString = """
    SELECT count(*), coalesce(extract(epoch FROM max(clock_timestamp() - state_change)), 0)::float8
    FROM pg_stat_activity
    WHERE usename = %s AND state = 'idle in transaction' AND state_change < clock_timestamp() - interval '250 ms'
"""


def leaked_transactions(service: str = "backend", *, connections: int) -> Fault:
    """The service takes so many connections of its own pool and leaves them idle in transaction.

    Through the switch that `[stack.trouble]` declares. Leaving ends the leak; a service that does not end it is
    restarted.
    """

    @contextmanager
    def inject(running: Running) -> Iterator[None]:
        switch = _Switch(running, service)
        with ExitStack() as undo:
            undo.callback(switch.off)
            undo.callback(revive, running.handle(service))
            switch.leak(connections)
            until(lambda: witness(running).there, within=BITES_WITHIN)
            yield

    @honest
    def witness(running: Running) -> Evidence:
        count, oldest, role = _idle_in_transaction(running)
        words = f"{count} of {connections} sessions of {role} idle in transaction, oldest {oldest:.0f} s"
        return Evidence(count >= connections, words)

    return Fault(f"{connections} transactions of {service} are leaked", (service, "postgres"), inject, witness)


class _Switch:
    """The trouble that a service makes on request."""

    def __init__(self, running: Running, service: str) -> None:
        self.running, self.service, self.trouble = running, service, _declared(running, service)

    def leak(self, connections: int) -> None:
        """Switches it on; Mistakes where the service does not do it."""
        status = self._call("POST", str(self.trouble.leak), {"connections": connections})
        if status != 200:
            raise Mistakes([f"{self.service} does not leak: {self.trouble.leak} answers {status}"])

    def off(self) -> None:
        """Switches it off; restarts the service where it cannot be reached."""
        if not until(self._is_off, within=ENDS_WITHIN):
            self.running.handle(self.service).restart()

    def _is_off(self) -> bool:
        import httpx

        try:  # a process that does not know the switch, or not this token, has not leaked for us
            return self._call("DELETE", self.trouble.off) < 500
        except httpx.HTTPError:
            return False

    def _call(self, method: str, path: str, json: dict[str, Any] | None = None) -> int:
        import httpx

        address = self.running.dial(self.service).address.rstrip("/")
        headers = {self.trouble.header: self.running.secrets[self.trouble.token]}
        # Not through anybody's proxy: what is asked for here is nobody else's business.
        with httpx.Client(trust_env=False, timeout=ANSWER_SECONDS, headers=headers) as client:
            return client.request(method, address + path, json=json).status_code


def _declared(running: Running, service: str) -> Trouble:
    running.dial(service)
    stack = running.target.system.stack
    if stack is None or stack.trouble is None or stack.trouble.service != service:
        raise Mistakes([f"{service} cannot leak: the system file has no [stack.trouble] for it"])
    if stack.trouble.leak is None:
        raise Mistakes([f"{service} cannot leak: stack.trouble names no switch for that: leak"])
    if stack.trouble.token not in running.secrets:
        raise Mistakes([f"{service} cannot leak: this stack was started without {stack.trouble.token}"])
    return stack.trouble


def _idle_in_transaction(running: Running) -> tuple[int, float, str]:
    """How many sessions of the application's role, for how many seconds at most, and the role."""
    import psycopg

    services = sorted(running.target.services.values(), key=lambda one: "database" not in one.declared.roles)
    found = next((one for one in services if one.monitor), None)
    if found is None:
        raise Mistakes(["no service of kind postgres has a role to monitor with"])
    database = running.dial(found.name)
    role = unquote(urlsplit(database.address).username or "")
    # libpq believes PGHOSTADDR rather than the address, unless it is told.
    options: dict[str, Any] = {"hostaddr": LOOPBACK, "connect_timeout": 2, "application_name": "drillbook/witness"}
    with psycopg.connect(database.monitor, autocommit=True, **options) as connection:
        count, oldest = connection.execute(IDLE, [role]).fetchone() or (0, 0.0)
    return count, oldest, role
