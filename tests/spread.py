"""How `-n` spreads the tests over its workers: what takes longest first, and copies of a system with two workers only.

More copies than two at a time keep two cores busier than a drill's rounds can bear; but those mostly wait, and other
tests compute meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from xdist.workermanage import WorkerController

# Each of these has copies of a system.
COPIES = ("tests/drills/", "tests/live/", "tests/systems/test_red.py")
HAVE_COPIES = 2

# Of a file that is said to be APART any worker may take a test: they share nothing that is dear.
APART = ("tests/drills/test_kills.py", "tests/drills/test_twins.py", "tests/test_pythons.py")

# Of these the tests of a system share a copy; their names begin with it: [audit-app/redis_stopped].
BY_SYSTEM = ("tests/systems/test_red.py",)

# What takes longest begins first, so that no worker is left with it when the others are done; what is over soon fills
# up the end.
LONGEST = (
    "tests/drills/test_twins.py",
    "tests/drills/test_drills.py",
    "tests/systems/test_red.py",
    "tests/live/test_deal_scout.py",
    "tests/drills/test_kills.py",
    "tests/drills/ledger/test_real.py",
    "tests/drills/",
    "tests/live/",
    "tests/test_pythons.py",
    "tests/own/",
    "tests/reference/",
    "tests/runs/",
)


def rank(item: pytest.Item) -> int:
    """Where in the order of LONGEST a test is, or behind all of them."""
    return next((at for at, path in enumerate(LONGEST) if item.nodeid.startswith(path)), len(LONGEST))


class Spread(LoadFileScheduling):
    """A file to a worker, or the tests of a system, or each test; what has a copy to one of the first workers."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BY_SYSTEM):
            file, _, named = nodeid.partition("[")
            return f"{file.partition('::')[0]}[{named.partition('/')[0].rstrip(']')}]"
        return nodeid if nodeid.startswith(APART) else super()._split_scope(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """The first in the queue that this worker may take; where there is none, the worker has done its share."""
        scope = next(filter(self._allowed(node), self.workqueue), None)
        if scope is None:
            node.shutdown()
        else:
            self.workqueue.move_to_end(scope, last=False)
            super()._assign_work_unit(node)

    def _allowed(self, node: WorkerController) -> Callable[[str], bool]:
        with_copies = node in [one for one in self.nodes if not one.shutting_down][:HAVE_COPIES]
        return lambda scope: with_copies or not scope.startswith(COPIES)
