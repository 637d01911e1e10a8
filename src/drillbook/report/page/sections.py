"""The sections of the page: a run's only target, or each of several, with what was judged of it and what was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.judging.finding import findings
from drillbook.judging.gate import BREACHED, COULD_NOT_TELL, HELD, LEFT_BEHIND, NOTHING_COLLECTED, Ending
from drillbook.judging.verdict import Outcome
from drillbook.report.page import sentences, words
from drillbook.report.page.facts import MOST
from drillbook.system.kinds import ups

if TYPE_CHECKING:
    from drillbook.judging.finding import Finding
    from drillbook.report.page.rows import Row
    from drillbook.report.page.story import Story

_FINISHED = (HELD, BREACHED, LEFT_BEHIND, COULD_NOT_TELL, NOTHING_COLLECTED)
_TONES = {HELD: "good", BREACHED: "bad"}


@dataclass(frozen=True)
class Section:
    """What the page shows of `target`, which is empty where the run has no other.

    `rows` is all that was judged; `wrong` what of it is not OK by its causes; `more` is how many rows there are beside
    those in `wrong` and `right`. `exit_code` is what a run on this target alone would have ended with, None where the
    run did not come to its end. `key` names it among the page's ids.
    """

    key: str
    target: str
    environment: str
    rows: list[Row]
    exit_code: int | None
    total: str
    wrong: list[Finding[Row]]
    right: list[Row]
    more: int
    skips: list[tuple[list[str], str]]
    asked: list[tuple[str, float]]

    @property
    def tone(self) -> str:
        """What its end feels like: good, bad or unclear."""
        return _TONES.get(self.exit_code, "unclear") if self.exit_code is not None else "unclear"

    @property
    def ending(self) -> str:
        """Its end in a word or two."""
        return "not finished" if self.exit_code is None else f"exit {self.exit_code}"

    @property
    def meaning(self) -> str:
        """Its end in a sentence."""
        return "the run did not come to its end" if self.exit_code is None else words.meaning(self.exit_code)


def sections_of(story: Story) -> list[Section]:
    """The sections of a story: one, or one for each of several targets."""
    return [_section(story, target, f"target-{number}") for number, target in enumerate(story.targets or [""], 1)]


def _section(story: Story, target: str, key: str) -> Section:
    ordered = [row for row in story.rows.worst_first() if not target or row.target == target]
    rows = [row for row in ordered if row.verdict.outcome is not Outcome.SKIPPED]
    wrong = [row for row in rows if row.verdict.outcome is not Outcome.OK]
    right = [row for row in rows if row.verdict.outcome is Outcome.OK]
    skips = {what: why for (whose, what), why in story.skips.items() if not target or whose == target}
    return Section(
        key=key,
        target=target,
        environment=story.run_of(target).text("environment"),
        rows=rows,
        exit_code=_exit_code(story, rows) if story.exit in _FINISHED else None,
        total=sentences.total(story, rows),
        wrong=findings(wrong[:MOST], lambda row: row.verdict, ups()),
        right=right[:MOST],
        more=len(wrong[MOST:]) + len(right[MOST:]),
        skips=_by_reason(sorted(skips.items())[:MOST]),
        asked=_asked(story, target),
    )


def _exit_code(story: Story, rows: list[Row]) -> int:
    return Ending(story.gate, [row.verdict for row in rows], len(rows)).exit_code()


def _by_reason(skips: list[tuple[str, str]]) -> list[tuple[list[str], str]]:
    """What was not covered, each reason once."""
    found: dict[str, list[str]] = {}
    for what, why in skips:
        found.setdefault(why, []).append(what)
    return [(what, why) for why, what in found.items()]


def _asked(story: Story, target: str) -> list[tuple[str, float]]:
    table = story.end.table("asked") if story.end else None
    table = table.table(target) if table and target else table
    found = [(name, table.amount(name)) for name in table.names()[:MOST]] if table else []
    return [(name, count) for name, count in found if count is not None]
