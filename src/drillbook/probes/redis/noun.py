"""A Redis server: does it answer, how fast, does it take writes, has it room, is the cache useful?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from drillbook.judging.observation import UNSAID, Observation
from drillbook.probes.again import of_time
from drillbook.probes.failure import said
from drillbook.probes.live import Spend, freely
from drillbook.probes.question import Unmeasured, needs, no, number, percent, question, untold

if TYPE_CHECKING:
    from drillbook.probes.measure import Readings
    from drillbook.probes.redis.table import RedisService
    from drillbook.system.target import Service


@dataclass
class Redis:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`.

    What is asked live is left to `spend`.
    """

    service: Service
    readings: Readings
    up: str = "redis.up"
    spend: Spend = freely

    @property
    def by(self) -> str:
        """Who answered: the service's name and the address of the peer, or what was asked where nobody did."""
        peer = self.readings.first.get("by") or self.service.where
        return f"{self.service.name} {peer}"

    @question
    def answers(self) -> Observation:
        """Whether the server can be reached, lets us in and answers: yes or no."""
        first = self.readings.first
        variable = cast("RedisService", self.service.declared).url.env
        if (early := refused(first, self.service.name, f"check ${variable}")) is not None:
            return early
        if first["pong"] not in ("PONG", "MISCONF"):
            raise Unmeasured(f"it answered PING with {first['pong']!r:.60}: is this really {self.service.name}?")
        if sentinel := _sentinel(first.get("info", {})):
            raise Unmeasured(sentinel)
        return Observation(True, took=first["took"])

    @question
    def ping(self) -> Observation:
        """How long one PING took once connected, in ms."""
        needs(self.answers(), self.up)
        return of_time(self, "ping", self.readings.first, Redis.ping)

    @question
    def memory_used(self) -> Observation:
        """Memory in use, in % of maxmemory; not applicable where no maxmemory is set."""
        used, most = self._number("used_memory"), self._number("maxmemory")
        if most == 0:
            raise Unmeasured("no maxmemory is set", applies=False)
        return percent(used, most, "maxmemory")

    @question
    def writable(self) -> Observation:
        """Whether the server takes writes, going by what it says of itself: yes or no."""
        needs(self.answers(), self.up)
        why = self._refuses_writes()
        return no(why) if why else Observation(True)

    @question
    def persistence(self) -> Observation:
        """Whether the last snapshot and the last write to the append-only file went well: yes or no.

        INFO does not say whether snapshots are wanted at all; where there were none yet, `reason` says so.
        """
        names = ("rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status")
        failed = [name for name in names if self._field(name) != "ok"]
        if failed:
            return no(f"{', '.join(f'{name} is {self._field(name)}' for name in failed)}")
        if self._field("aof_enabled") == "0" and self._field("rdb_last_bgsave_time_sec") == "-1":
            return Observation(True, reason="no snapshot since its start and no append-only file: nothing failed")
        return Observation(True)

    @question
    def evictions(self) -> Observation:
        """Keys thrown out for want of memory over the interval, in keys/s."""
        return Observation(self._grown("evicted_keys") / self._seconds(), "keys/s")

    @question
    def clients(self) -> Observation:
        """Connected clients other than this one, in % of maxclients."""
        connected = max(self._number("connected_clients") - 1, 0.0)
        return percent(connected, self._number("maxclients"), "maxclients")

    @question
    def hit_rate(self) -> Observation:
        """Lookups that found their key, in % of all in the interval."""
        hits, misses = self._grown("keyspace_hits"), self._grown("keyspace_misses")
        if hits + misses == 0:
            raise Unmeasured(f"no lookups in {self._seconds():.1f} s", idle=True)
        return percent(hits, hits + misses, "the number of lookups")

    @question
    def ask(self, *command: str, unit: str = UNSAID) -> Observation:
        """What one command that only looks answers, now: `redis.ask("LLEN", "emails")`."""
        from drillbook.probes.redis import signals

        needs(self.answers(), self.up)
        return Observation(signals.now(self.service, *command, spend=self.spend), unit)

    def _refuses_writes(self) -> str:
        """Why writes are refused; empty where nothing says so."""
        if self.readings.first["pong"] == "MISCONF":  # asked for a PING, it says whether it takes writes
            return "MISCONF: it refuses writes since it cannot save to disk"
        if self._field("loading") != "0":
            return "it is still loading its data"
        if self._field("role") == "slave" and self._info().get("slave_read_only") != "0":
            return "it is a read-only replica"
        if self._info().get("min_slaves_good_slaves") == "0":
            return "too few of its replicas are in step (min-replicas-to-write)"
        return self._cluster_down() or self._no_memory()

    def _cluster_down(self) -> str:
        """Why a cluster takes no commands; empty where it takes them, or is no cluster."""
        if self._info().get("cluster_enabled") != "1":
            return ""
        cluster: dict[str, str] = (self.readings.second or self.readings.first).get("cluster", {})
        state = cluster.get("cluster_state")
        if state is None:
            raise Unmeasured(f"CLUSTER INFO has no cluster_state: {cluster.get('refused', 'it was not read')}")
        slots = f"{cluster.get('cluster_slots_ok', '?')} of the cluster's 16384 slots are served"
        return "" if state == "ok" else f"CLUSTERDOWN: cluster_state is {state}, {slots}"

    def _no_memory(self) -> str:
        used, most = self._number("used_memory"), self._number("maxmemory")
        used -= float(self._info().get("mem_not_counted_for_evict", "0"))
        policy = self._field("maxmemory_policy")
        if most == 0 or used < most or not (policy == "noeviction" or self._nothing_expires(policy)):
            return ""
        return f"OOM: {used / 1e6:.0f} of {most / 1e6:.0f} MB are used, and policy {policy} frees none"

    def _nothing_expires(self, policy: str) -> bool:
        spaces = [value for name, value in self._info().items() if name.startswith("db") and "expires=" in value]
        return policy.startswith("volatile-") and all("expires=0," in f"{space}," for space in spaces)

    def _info(self, *, first: bool = False) -> dict[str, str]:
        """What INFO said, the last time it was asked or the first."""
        needs(self.answers(), self.up)
        reading: dict[str, Any] = self.readings.first if first else self.readings.second or self.readings.first
        if "info" not in reading:
            lost = reading.get("lost") or reading.get("error") or {"reason": "it was not read"}
            raise Unmeasured(f"INFO: {lost['reason']}")
        info: dict[str, str] = reading["info"]
        return info

    def _field(self, name: str, *, first: bool = False) -> str:
        info = self._info(first=first)
        if name not in info:
            raise Unmeasured(f"INFO has no {name}")
        return info[name]

    def _number(self, name: str, *, first: bool = False) -> float:
        text = self._field(name, first=first)
        return number(int(text) if text.isdecimal() and len(text) < 20 else text, name)

    def _grown(self, name: str) -> float:
        if self._field("run_id", first=True) != self._field("run_id"):
            raise Unmeasured("it was restarted between two readings")
        then, now = self._number(name, first=True), self._number(name)
        if now < then:
            raise Unmeasured(f"the counter {name} was reset between two readings")
        return now - then

    def _seconds(self) -> float:
        if self.readings.seconds <= 0:
            raise Unmeasured("the counters were read only once")
        return self.readings.seconds


def _sentinel(info: dict[str, str]) -> str:
    """What to change where a Sentinel answers in place of a server that holds data; empty where none does."""
    if info.get("redis_mode") != "sentinel":
        return ""
    masters = [dict(re.findall(r"(\w+)=([^,]*)", value)) for name, value in info.items() if re.match(r"master\d", name)]
    words = [f"{said(repr(one.get('name', '?')))} ({said(one.get('address', '?'))})" for one in masters]
    named = f"its master {' or '.join(words)}".replace("'", '"') if words else "its master"
    return f"this is a Sentinel: give the address of {named}"


def refused(first: dict[str, Any], name: str, advice: str) -> Observation | None:
    """The answer no, or Unmeasured, where a session with the server called `name` failed; else None."""
    failed = first.get("error") or first["failed"]
    if not failed:
        return None
    if failed["kind"] == "down":
        return no(failed["reason"])
    if failed["kind"] == "login":
        raise Unmeasured(f"login refused for {name}: {advice}")
    raise untold(failed)
