"""The doctor: is everything here that a start needs, and if not, can it be added?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.doctor.missing import Missing

if TYPE_CHECKING:
    from collections.abc import Collection

    from drillbook.system.library import Library

__all__ = ["Missing", "run"]


def run(library: Library, extras: Collection[str], *, fix: bool) -> int:
    """Print what is there and what is missing for checks and these extras, with `fix` after adding it.

    Return 0 if all is there, else 1.
    """
    from drillbook.common.extras import CHAOS
    from drillbook.common.progress import under_way
    from drillbook.doctor import findings, repair, say
    from drillbook.doctor.wanted import wanted

    found = wanted(library)
    if fix and CHAOS in extras:
        repair.repair(found.images)
    with under_way("looking at the engine, Compose and the images", say=say.say):
        seen = findings.look(extras, found)
    for finding in seen:
        say.say(finding.line)
    if all(finding.there for finding in seen):
        return 0
    say.say("see above for what could not be added" if fix else "to add what is missing: run `drillbook doctor --fix`")
    return 1
