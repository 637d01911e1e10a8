"""Checks for some systems only: `@pytest.mark.systems("shop")` on a function, or as `pytestmark` of a whole file.

For every other system such a check is not there: it is not run, and leaves nothing uncovered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drillbook.plugin.content import is_content
from drillbook.plugin.inquiry import is_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drillbook.system.target import Target

MARK = "systems"


class Systems:
    """Leaves out, in every process of a run on `targets`, what is for other systems; `known` are all there are."""

    def __init__(self, targets: Sequence[Target], known: Sequence[str]) -> None:
        self._targets, self._known = targets, known
        self._others: dict[tuple[str, str], str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A system that nobody knows is a mistake in the file; said before anything is made of the check."""
        mark = metafunc.definition.get_closest_marker(MARK)
        if mark is None or not is_content(metafunc.definition):
            return
        wrong = [name for name in mark.args if name not in self._known]
        if wrong or not mark.args or mark.kwargs:
            what = ", ".join(map(repr, wrong)) if wrong else "none"
            known = ", ".join(self._known) or "none"
            raise pytest.Collector.CollectError(
                f"{metafunc.definition.nodeid}: {MARK}(…) names {what}: name systems there are ({known})"
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leaves out the checks for other systems."""
        items[:] = [item for item in items if not self._leaves_out(item)]

    def pytest_report_collectionfinish(self) -> list[str]:
        """Says which they are."""
        others = self._others.items()
        return [f"drillbook: not for {name}: {check} (for {names})" for (name, check), names in others]

    def _leaves_out(self, item: pytest.Item) -> bool:
        mark = item.get_closest_marker(MARK)
        if mark is None or not is_content(item):
            return False
        systems = dict.fromkeys(one.system.system.name for one in self._targets if is_for(item, one))
        if not systems.keys().isdisjoint(mark.args):
            return False
        self._others |= {(name, item.nodeid.partition("[")[0]): ", ".join(mark.args) for name in systems}
        return True
