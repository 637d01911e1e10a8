"""A Celery application, seen through its Redis broker: how much is waiting, and is anybody working?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from drillbook.judging.observation import Observation
from drillbook.probes.question import Unmeasured, needs, number, question
from drillbook.probes.redis.noun import refused

if TYPE_CHECKING:
    from drillbook.probes.celery.table import CeleryService
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service

PATIENCE = 5  # s: a worker with a hand free asks anew every second (kombu's brpop_timeout)


@dataclass
class Queue:
    """What `readings` of `service` answer. `up` is the name of the limit that judges whether the broker answers."""

    service: Service
    readings: Readings
    up: str = "redis.up"

    @property
    def by(self) -> str:
        """Who answered: the broker's name and the address of the peer, or what was asked where nobody did."""
        peer = self.readings.first.get("by") or self.service.where
        return f"{self._declared.broker} {peer}"

    @question
    def depth(self) -> Observation:
        """Jobs waiting or delivered and not acknowledged, in jobs: all priorities of all declared queues."""
        self._queues_are_there()
        lengths, unacked = self.readings.first["lengths"], self.readings.first["unacked"]
        waiting = sum(number(n, f"the length of {key!r}") for lists in lengths.values() for key, n in lists.items())
        return Observation(waiting + number(unacked, "the length of unacked"), "jobs")

    @question
    def workers(self) -> Observation:
        """Workers that take jobs from the broker, in workers: the larger number of two looks.

        A worker is a client whose last command was BRPOP, which waits there for its next job or has its hands full.
        One that has not asked for long and holds nothing is frozen; none counts where jobs of all queues stay untaken.
        """
        self._broker_answers()
        looks = self._looks()
        most = max(looks, key=lambda look: len(look.alive))
        if not most.alive and most.silent:
            return self._of_the_silent(most)
        if most.alive:
            self._queues_are_there()
        untaken = self._untaken(looks)
        if untaken and set(untaken) == set(self._declared.queues):
            return Observation(0.0, "workers", reason=self._why(untaken))
        full = f"{len(most.full)} last asked more than {PATIENCE} s ago: their hands are full" if most.full else ""
        return Observation(float(len(most.alive)), "workers", reason=full)

    @question
    def stuck(self) -> Observation:
        """Jobs that wait in a queue from which nobody takes, in jobs; 0 where whoever may take them is busy.

        Redis gives a job at once to whoever waits for it. A worker that waits while there are jobs does not listen to
        their queue: where every worker waits, is frozen or is gone, nobody takes from it.
        """
        self._queues_are_there()
        jobs = self._jobs()
        looks = self._looks()
        if jobs and not self._declared.prefetch and any(look.silent for look in looks):
            raise Unmeasured(self._silence(looks[0]))
        untaken = self._untaken(looks)
        if untaken:
            return Observation(float(sum(untaken.values())), "jobs", reason=self._why(untaken))
        waiting = f"{sum(jobs.values())} wait, and whoever may take them is busy" if jobs else ""
        return Observation(0.0, "jobs", reason=waiting)

    @property
    def _declared(self) -> CeleryService:
        return cast("CeleryService", self.service.declared)

    def _broker_answers(self) -> None:
        needs(self._broker(), self.up)

    @question
    def _broker(self) -> Observation:
        broker = self._declared.broker
        no = refused(self.readings.first, broker, f"check the url of {broker}")
        return Observation(True) if no is None else no

    def _queues_are_there(self) -> None:
        """Goes on only where each declared queue is one, and its jobs are where the file says that they are."""
        self._broker_answers()
        first, keys = self.readings.first, f"services.{self.service.name}"
        if first["undeclared"]:
            raise Unmeasured(
                f"jobs wait in {first['undeclared']} lists of other priorities than {self._declared.priority_steps}: "
                f"declare {keys}.priority_steps, and separator"
            )
        gone = [
            one for one in first["lengths"] if one not in first["bound"] and not any(first["lengths"][one].values())
        ]
        if gone:
            raise Unmeasured(
                f"no queue called {', '.join(gone)} is bound (these are: {', '.join(first['bound'][:12]) or 'none'}): "
                f"check {keys}.queues, exchanges and key_prefix"
            )

    def _looks(self) -> list[Look]:
        """What CLIENT LIST said at each look."""
        first, second = self.readings.first, self.readings.second
        found = [one for one in (first.get("moment"), first, second) if one and "clients" in one]
        if not found or ("clients" not in first and "clients" not in second):
            lost = first.get("lost") or second.get("failed") or {"reason": "it was not read"}
            raise Unmeasured(f"CLIENT LIST: {lost['reason']}")
        database = urlsplit(self.service.address).path.strip("/") or "0"
        return [Look.of(one, database) for one in found]

    def _jobs(self) -> dict[str, int]:
        """How many jobs waited in each queue that had any, at one moment."""
        moment = self.readings.first.get("moment", {"jobs": {}})
        if "lost" in moment:
            raise Unmeasured(f"MULTI: {moment['lost']['reason']}")
        return {queue: count for queue, count in moment["jobs"].items() if count}

    def _untaken(self, looks: list[Look]) -> dict[str, int]:
        """The queues whose jobs nobody takes, and how many; none while a worker is busy, comes or goes."""
        steady = {frozenset(one["id"] for one in look.clients) for look in looks}
        if len(steady) > 1 or any(look.busy or (look.silent and not self._declared.prefetch) for look in looks):
            return {}
        return {} if "lost" in self.readings.first.get("moment", {}) else self._jobs()

    def _why(self, untaken: dict[str, int]) -> str:
        last = self._looks()[-1]
        what = ", ".join(f"{count} in {queue}" for queue, count in untaken.items())
        free = f"{len(last.free)} wait for jobs of other queues" if last.free else ""
        frozen = self._silence(last) if last.silent else ""
        return f"nobody takes {what}: {'; '.join(filter(None, (free, frozen))) or 'no worker is connected'}"

    def _of_the_silent(self, look: Look) -> Observation:
        if not self._declared.prefetch:
            raise Unmeasured(self._silence(look))
        return Observation(0.0, "workers", reason=self._silence(look))

    def _silence(self, look: Look) -> str:
        longest = max((_idle(one) for one in look.silent), default=0.0)
        what = f"{len(look.silent)} asked for no job in {longest:.0f} s and hold none"
        if self._declared.prefetch:
            return f"{what}: frozen (or busy, if they prefetch nothing: services.{self.service.name}.prefetch)"
        return f"{what}: busy or frozen, which cannot be told without prefetching"


@dataclass(frozen=True)
class Look:
    """The workers connected at one look: `free` wait for a job, `full` may have their hands full, `silent` have not."""

    free: list[dict[str, str]]
    fresh: list[dict[str, str]]
    full: list[dict[str, str]]
    silent: list[dict[str, str]]

    @classmethod
    def of(cls, reading: dict[str, Any], database: str) -> Look:
        """The workers among the clients of `reading` that use `database`."""
        taking = [one for one in reading["clients"] if one["cmd"] == "brpop" and one["db"] == database]
        free = [one for one in taking if "b" in one["flags"]]
        others = [one for one in taking if one not in free]
        fresh = [one for one in others if _idle(one) <= PATIENCE]
        long_ago = [one for one in others if one not in fresh]
        nothing_held = reading.get("holding") is False
        return cls(free, fresh, [] if nothing_held else long_ago, long_ago if nothing_held else [])

    @property
    def busy(self) -> list[dict[str, str]]:
        """Those that may have something to do."""
        return [*self.fresh, *self.full]

    @property
    def alive(self) -> list[dict[str, str]]:
        """Those that are not known to be frozen."""
        return [*self.free, *self.busy]

    @property
    def clients(self) -> list[dict[str, str]]:
        """All of them."""
        return [*self.alive, *self.silent]


def _idle(client: dict[str, str]) -> float:
    """For how many seconds the client has sent nothing."""
    text = client["idle"]
    return number(int(text) if text.isdecimal() and len(text) < 20 else text, "the client's idle time")
