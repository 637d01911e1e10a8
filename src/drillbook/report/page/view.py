"""What the page shows of a story, in the order in which it shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.judging.gate import BREACHED, HELD, LEFT_BEHIND
from drillbook.judging.verdict import Outcome
from drillbook.report.page import sentences, words
from drillbook.report.page.curves import curves
from drillbook.report.page.facts import MOST
from drillbook.report.page.sections import sections_of
from drillbook.report.page.timeline import numbers, timeline

if TYPE_CHECKING:
    from drillbook.report.page.drills import Drill, Phase, Reading
    from drillbook.report.page.figure import Figure
    from drillbook.report.page.loads import Load
    from drillbook.report.page.rows import Row
    from drillbook.report.page.sections import Section
    from drillbook.report.page.story import Story

_TONES = {Outcome.OK: "good", Outcome.BREACHED: "bad"}


@dataclass(frozen=True)
class ShownDrill:
    """A drill and its figure; each phase with its number in the figure, empty where it has none there.

    `key` names it among the page's ids.
    """

    key: str
    drill: Drill
    figure: Figure | None
    phases: list[tuple[str, Phase]]
    readings: list[Reading]
    tone: str


@dataclass(frozen=True)
class ShownLoad:
    """A profile, its figure, and what the limits that it is held to came to; `key` names it among the page's ids."""

    key: str
    load: Load
    figure: Figure | None
    held_to: list[tuple[str, list[Row]]]


@dataclass(frozen=True)
class View:
    """Everything that the template needs: `tone` is good, bad or unclear, and says it all.

    `total` is the sum of all sections: there is one for each target.
    """

    story: Story
    name: str
    tone: str
    ending: str
    meaning: str
    total: str
    troubles: list[str]
    notes: list[str]
    sections: list[Section]
    drills: list[ShownDrill]
    loads: list[ShownLoad]


def view_of(story: Story, name: str) -> View:
    """The view of a story; `name` is the run's."""
    sections = sections_of(story)
    each = [section.rows for section in sections]
    rows = [row for its in each for row in its]
    lost = story.end is not None and story.exit is None
    return View(
        story=story,
        name=name,
        tone=_tone(story, each),
        ending=f"exit {story.exit}" if story.exit is not None else "exit code lost" if lost else "did not end",
        meaning="what the run ended with cannot be read" if lost else words.meaning(story.exit),
        total=sentences.total(story, rows),
        troubles=sentences.troubles(story, each)[:MOST],
        notes=list(sentences.notes(story)),
        sections=sections,
        drills=[_drill(drill, story, f"drill-{number}") for number, drill in enumerate(story.drills[:MOST], 1)],
        loads=[_load(load, story, rows, f"load-{n}") for n, load in enumerate([*story.loads.values()][:MOST], 1)],
    )


def tone_of(outcome: Outcome | None) -> str:
    """What an outcome feels like: good, bad or unclear."""
    return _TONES.get(outcome, "unclear") if outcome else "unclear"


def _tone(story: Story, each: list[list[Row]]) -> str:
    if story.exit == HELD:
        return "bad" if sentences.contradiction(story, each) else "good"
    return "bad" if story.exit in (BREACHED, LEFT_BEHIND) else "unclear"


def _drill(drill: Drill, story: Story, key: str) -> ShownDrill:
    marked = numbers(drill)
    phases = [(str(marked.get(place, "")), phase) for place, phase in enumerate(drill.phases[:MOST])]
    tone = tone_of(drill.verdict.outcome if drill.verdict else None)
    return ShownDrill(key, drill, timeline(drill, story.run.table("limits"), key), phases, drill.readings[:MOST], tone)


def _load(load: Load, story: Story, rows: list[Row], key: str) -> ShownLoad:
    own = [row for row in rows if load.check and row.verdict.check == load.check]
    held_to = [(name, [row for row in own if row.verdict.name == name]) for name in load.held_to[:MOST]]
    return ShownLoad(key, load, curves(load, story.run.table("limits"), key), held_to)
