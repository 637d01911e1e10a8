"""What the rounds of a watch say to a drill: what is red, what is green again and for how long, what did not hold."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.drills.drill import speaks_of
from drillbook.judging.line import brief, line
from drillbook.judging.verdict import worst_first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drillbook.common.polling import Patience
    from drillbook.drills.drill import Drill
    from drillbook.drills.watch import Round, Watch
    from drillbook.judging.verdict import Verdict

SHOWN = 3  # of what is not green, in one line
WORTH_SAYING = 0.5  # seconds that the watch was late


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

    def healed_by_now(self) -> str:
        """The symptoms that the newest round finds OK, in a few words, or nothing."""
        return ", ".join(sorted(self._fine() & set(self.drill.symptom)))

    def not_yet_healed(self) -> str:
        """The symptoms that the newest round did not find OK, in a few words."""
        return f"still not OK: {', '.join(sorted(set(self.drill.symptom) - self._fine()))}"

    def not_held(self, rounds: Iterable[Round]) -> str:
        """What should have held in these rounds and did not, or nothing."""
        found = (pair for one in rounds for pair in one.not_green().items() if not pair[1].too_busy)
        fallen = (pair for pair in found if speaks_of(self.drill.holds, pair[1]))
        return next((f"{title} did not hold: {self._line(verdict)}" for title, verdict in fallen), "")

    def unasked(self, rounds: Iterable[Round]) -> str:
        """What nobody expects to be red and was so for two rounds running, or nothing."""
        for before, after in itertools.pairwise(rounds):
            for title in before.red().keys() & after.red().keys():
                verdict = after.verdicts[title]
                if not self.drill.expects(verdict):
                    return f"{title} turned red unasked: {self._line(verdict)}"
        return ""

    def of(self, names: set[str]) -> str:
        """What the newest round says of these limits."""
        newest = self.watch.rounds[-1].verdicts.values() if self.watch.rounds else ()
        found = [self._line(one) for one in newest if speaks_of(names, one)]
        return "; ".join(found) or f"nothing judged {', '.join(sorted(names))}"

    def not_green(self, rounds: int) -> str:
        """What the newest round finds not green, worst first, where so many green rounds were waited for."""
        newest = self.watch.rounds[-1:]
        found = worst_first([verdict for one in newest for verdict in one.not_green().values()])
        words = [brief(verdict) for verdict in found[:SHOWN]]
        words += [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        return "; ".join(words) or (f"it was not green for {rounds} rounds" if newest else "no round was over")

    def settled(self, green: Green, patience: Patience) -> bool:
        """Whether nothing more is to be waited for: it is green as wanted, or has not got any better for too long."""
        over = patience.is_over(self.how_far(green), late=self.late(green.since))
        return bool(self.streak(green)) or over

    def how_far(self, green: Green) -> float:
        """How much is missing until the rounds are green as wanted: the less, the better; infinite before any."""
        newest = self.watch.since(green.since)[-1:]
        if not newest:
            return math.inf
        return len(self._in_the_way(newest[0], green)) or -len(self._green_rounds(green))

    def late(self, since: float, until: float = math.inf) -> float:
        """For how many seconds the rounds of that time were late themselves."""
        return sum(one.late for one in self.watch.since(since) if one.ended <= until)

    def late_words(self, since: float) -> str:
        """The same since then in words, where it is worth saying."""
        late = self.late(since)
        return f" (this machine was busy: the watch was {late:.1f} s late)" if late > WORTH_SAYING else ""

    def not_yet_green(self, green: Green) -> str:
        """What is still to come, in a few words: the names that are not green, or how many rounds have been."""
        newest = self.watch.rounds[-1:]
        names = dict.fromkeys(verdict.title for one in newest for verdict in self._in_the_way(one, green))
        if names or not newest:
            return f"not yet green: {', '.join(names)}" if names else "no round is over yet"
        return f"green for {len(self._green_rounds(green))} of {green.rounds} rounds"

    def _fine(self) -> set[str]:
        return {name for one in self.watch.rounds[-1:] for name in one.ok_names()}

    def _green_rounds(self, green: Green) -> list[Round]:
        newest_first = reversed(self.watch.since(green.since))
        rounds = [*itertools.takewhile(lambda one: not self._in_the_way(one, green), newest_first)]
        return rounds[::-1]

    def _in_the_way(self, one: Round, green: Green) -> list[Verdict]:
        found = one.not_green().values()
        return [verdict for verdict in found if not (green.but_may and self._is_may(verdict))]

    def _is_may(self, verdict: Verdict) -> bool:
        return not speaks_of(self.drill.symptom, verdict) and self.drill.expects(verdict)

    def _line(self, verdict: Verdict) -> str:
        return line(verdict, self.target)
