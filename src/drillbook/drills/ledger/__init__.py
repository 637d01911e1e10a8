"""What was acknowledged to clients during a drill, read back and accounted for."""

from drillbook.drills.ledger.history import Account, Outcome, Write, account
from drillbook.drills.ledger.ledgers import Ledgers
from drillbook.drills.ledger.samples import Sample, per_second

__all__ = ["Account", "Ledgers", "Outcome", "Sample", "Write", "account", "per_second"]
