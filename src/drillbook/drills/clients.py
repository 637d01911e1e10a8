"""The clients of a drill: whether they are served, and what became of what was acknowledged to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.common.polling import Patience
from drillbook.common.progress import through, under_way
from drillbook.drills.failed import Failed
from drillbook.judging.limit import duration
from drillbook.judging.verdict import Outcome

if TYPE_CHECKING:
    from drillbook.common.progress import Tell
    from drillbook.drills.ledger import Ledgers
    from drillbook.drills.ledger.history import Account
    from drillbook.drills.phases import Phases
    from drillbook.system.target import Target

WRITES_WITHIN = 15.0  # without any more of them
WRITES_AT_MOST = 120.0
LOOK_EVERY = 0.5
FEWEST_WRITES = 5


@dataclass(frozen=True)
class Clients:
    """Those that write to and read from `target` as `ledgers` have them; what they met is told to `tell`."""

    target: Target
    ledgers: Ledgers
    tell: Tell

    def are_served(self) -> bool:
        """Whether enough is acknowledged to them in time for a drill to begin."""
        what, patience = "waiting until enough is acknowledged to clients", Patience(WRITES_WITHIN, WRITES_AT_MOST)
        with under_way(what, say=through(self.tell), at_most=WRITES_AT_MOST, now=self._acknowledged):
            while not self.ledgers.wait_for(FEWEST_WRITES, within=LOOK_EVERY):
                if patience.is_over(-sum(count["ok"] for count in self.ledgers.counts().values())):
                    return False
            return True

    def read_back_while_broken(self) -> None:
        """Tells what every ledger comes to as the fault is there, without waiting for it to settle."""
        with under_way("reading the ledgers back during the fault", say=through(self.tell), now=self._acknowledged):
            accounts = self.ledgers.account(within=0.0)
        self._tell_each(accounts, "during the fault")

    def account(self) -> list[Account]:
        """Ends their traffic, waits until every ledger has settled, and gives the accounts."""
        self.ledgers.stop()
        with under_way(
            "reading the ledgers back", say=through(self.tell), at_most=self._settles(), now=self._acknowledged
        ):
            accounts = self.ledgers.account()
        self._tell_each(accounts, "after the fix")
        return list(accounts.values())

    def nothing_is_lost(self, phases: Phases) -> None:
        """Says what became of what was acknowledged; Failed where some of it is lost, or cannot be told."""
        accounts = self.account()
        if not accounts:
            phases.say("ledger", "none is declared: what clients lost is not known")
        for account in accounts:
            if account.verdict is not Outcome.OK:
                phase = "ledger" if account.verdict is Outcome.BREACHED else "read back"
                raise Failed(phase, account.verdict_words)
            phases.say("ledger", account.verdict_words)

    def leave(self) -> None:
        """Ends their traffic, and tells what they met in each second of it."""
        self.ledgers.stop()
        for second in self.ledgers.traffic.seconds():
            self.tell("traffic", **second)

    def _tell_each(self, accounts: dict[str, Account], when: str) -> None:
        for name, account in accounts.items():
            self.tell("ledger", ledger=name, when=when, **account.facts())

    def _acknowledged(self) -> str:
        return ", ".join(f"{name}: {count['ok']} acknowledged" for name, count in self.ledgers.counts().items())

    def _settles(self) -> float | None:
        """How many seconds the slowest ledger may take to settle."""
        return max((duration(one.settles) for one in self.target.system.ledgers.values()), default=None)
