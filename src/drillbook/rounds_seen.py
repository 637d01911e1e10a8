"""What the rounds of a watch say to a drill: what is red, what is green again and for how long, what did not hold."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.report.line import line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drillbook.drill import Drill
    from drillbook.verdict import Verdict
    from drillbook.watch import Round, Watch


@dataclass(frozen=True)
class Green:
    """What a drill waits for: so many rounds in a row that began after `since`, all green.

    With `but_may`, what may turn red beside the symptom is not waited for.
    """

    since: float
    rounds: int
    but_may: bool = False


@dataclass(frozen=True)
class RoundsSeen:
    """The rounds of `watch` as `drill` reads them; `target` is the name that its lines speak of."""

    drill: Drill
    watch: Watch
    target: str

    def streak(self, green: Green) -> list[Round]:
        """The last rounds, if they are as many as wanted and all of them are green."""
        rounds = self._green_rounds(green)
        return rounds if len(rounds) >= green.rounds else []

    def all_red(self, missing: set[str], since: float) -> bool:
        """Whether nothing is missing any more, once what the rounds since then have found red is taken out of it."""
        for one in self.watch.since(since):
            missing -= one.red_names()
        return not missing

    def not_yet_red(self, missing: set[str]) -> str:
        """What is still to come, in a few words."""
        return f"not yet red: {', '.join(sorted(missing))}"

    def first_red(self, since: float) -> float:
        """When the last of the symptoms was red for the first time."""
        rounds = self.watch.since(since)
        return max(next(one.ended for one in rounds if name in one.red_names()) for name in self.drill.symptom)

    def healed(self, since: float) -> bool:
        """Whether a round since then, the first one left out, found all symptoms OK."""
        return any(set(self.drill.symptom) <= one.ok_names() for one in self.watch.since(since)[1:])

    def not_yet_healed(self) -> str:
        """The symptoms that the newest round did not find OK, in a few words."""
        fine = {name for one in self.watch.rounds[-1:] for name in one.ok_names()}
        return f"still not OK: {', '.join(sorted(set(self.drill.symptom) - fine))}"

    def not_held(self, rounds: Iterable[Round]) -> str:
        """What should have held in these rounds and did not, or nothing."""
        fallen = (found for one in rounds for found in one.not_green().items() if found[1].name in self.drill.holds)
        return next((f"{title} did not hold: {self._line(verdict)}" for title, verdict in fallen), "")

    def unasked(self, rounds: Iterable[Round]) -> str:
        """What nobody expects to be red and was so for two rounds running, or nothing."""
        for before, after in itertools.pairwise(rounds):
            for title in before.red().keys() & after.red().keys():
                verdict = after.verdicts[title]
                if not self.drill.expects(verdict.name):
                    return f"{title} turned red unasked: {self._line(verdict)}"
        return ""

    def of(self, names: set[str]) -> str:
        """What the newest round says of these limits."""
        newest = self.watch.rounds[-1].verdicts.values() if self.watch.rounds else ()
        found = [self._line(one) for one in newest if one.name in names]
        return "; ".join(found) or f"nothing judged {', '.join(sorted(names))}"

    def not_green(self, rounds: int) -> str:
        """What the newest round finds not green, where so many green rounds were waited for."""
        newest = self.watch.rounds[-1:]
        found = [self._line(verdict) for one in newest for verdict in one.not_green().values()]
        return "; ".join(found) or (f"it was not green for {rounds} rounds" if newest else "no round was over")

    def not_yet_green(self, green: Green) -> str:
        """What is still to come, in a few words: the names that are not green, or how many rounds have been."""
        newest = self.watch.rounds[-1:]
        names = dict.fromkeys(verdict.name for one in newest for verdict in self._in_the_way(one, green))
        if names or not newest:
            return f"not yet green: {', '.join(names)}" if names else "no round is over yet"
        return f"green for {len(self._green_rounds(green))} of {green.rounds} rounds"

    def _green_rounds(self, green: Green) -> list[Round]:
        newest_first = reversed(self.watch.since(green.since))
        rounds = [*itertools.takewhile(lambda one: not self._in_the_way(one, green), newest_first)]
        return rounds[::-1]

    def _in_the_way(self, one: Round, green: Green) -> list[Verdict]:
        found = one.not_green().values()
        return [verdict for verdict in found if not (green.but_may and self._is_may(verdict.name))]

    def _is_may(self, name: str) -> bool:
        return name not in self.drill.symptom and self.drill.expects(name)

    def _line(self, verdict: Verdict) -> str:
        return line(verdict, self.target)
