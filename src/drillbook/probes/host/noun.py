"""A machine, seen through its node_exporter: is there room on its disks and in its memory?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from drillbook.judging.observation import Observation
from drillbook.probes import metrics
from drillbook.probes.failure import said
from drillbook.probes.http.answers import login_refused, not_too_often
from drillbook.probes.question import Unmeasured, needs, no, number, percent, question, question_of, untold

if TYPE_CHECKING:
    from drillbook.probes.host.table import HostService
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service


@dataclass
class Host:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    service: Service
    readings: Readings
    up: str = "host.up"

    @property
    def by(self) -> str:
        """Who answered: the service's name and the address of the peer, or what was asked where nobody did."""
        peer = self.readings.first.get("metrics", {}).get("by")
        return f"{self.service.name} {peer or self.service.where}"

    @property
    def mounts(self) -> list[str]:
        """The mount points that the system file declares."""
        return list(cast("HostService", self.service.declared).mounts)

    @question
    def answers(self) -> Observation:
        """Whether the machine's node_exporter can be reached and answers: yes or no."""
        if "error" in self.readings.first:
            raise Unmeasured(self.readings.first["error"]["reason"])
        page = self.readings.first["metrics"]
        if page["error"]:
            if page["error"]["kind"] == "down":
                return no(page["error"]["reason"])
            raise untold(page["error"])
        if page["status"] >= 500:
            return no(f"/metrics answered {page['status']}")
        if login := login_refused(self.service, page["status"], "/metrics"):
            raise Unmeasured(login)
        not_too_often(self.service, page, "/metrics")
        if page["status"] != 200 or not any(name.startswith("node_") for name in self._samples.series):
            raise Unmeasured(f"/metrics answered {page['status']} without node_ metrics: is this a node_exporter?")
        return Observation(True, took=page["took"])

    @question_of
    def disk_free(self, mount: str) -> Observation:
        """What programs without root's reserve can still write to the file system at `mount`, in %."""
        free, size = self._of_mount("avail_bytes", mount), self._of_mount("size_bytes", mount)
        return percent(free, size, f"the size of {mount}")

    @question_of
    def inodes_free(self, mount: str) -> Observation:
        """Free inodes of the file system at `mount`, in %."""
        free, files = self._of_mount("files_free", mount), self._of_mount("files", mount)
        if files == 0:
            raise Unmeasured(f"the file system at {mount} has no inode table", applies=False)
        return percent(free, files, f"the number of inodes of {mount}")

    @question
    def memory_used(self) -> Observation:
        """Memory that programs cannot have any more without swapping, in % of all."""
        needs(self.answers(), self.up)
        free, whole = (metrics.gauge(self._samples, f"node_memory_Mem{name}_bytes") for name in ("Available", "Total"))
        if free > whole:
            raise Unmeasured(f"more memory is available than there is: {free:.0f} of {whole:.0f} bytes")
        return percent(whole - free, whole, "node_memory_MemTotal_bytes")

    @cached_property
    def _samples(self) -> metrics.Samples:
        return metrics.parse(self.readings.first["metrics"]["body"])

    def _of_mount(self, what: str, mount: str) -> float:
        needs(self.answers(), self.up)
        name = f"node_filesystem_{what}"
        by_mount: dict[str, list[float]] = {}
        for labels, value in self._samples.named(name).items():
            by_mount.setdefault(metrics.label_of(labels, "mountpoint", name), []).append(value)
        if mount not in by_mount:
            there = ", ".join(sorted(said(one) for one in by_mount)[:12])
            raise Unmeasured(f"{mount} is not exported; there are: {there}")
        if len(by_mount[mount]) > 1:
            raise Unmeasured(f"{mount} is exported for {len(by_mount[mount])} file systems: which one is meant?")
        return number(by_mount[mount][0], f"{name} of {mount}")
