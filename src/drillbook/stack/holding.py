"""Holders: a volume in memory loses its contents once nobody has it any more, so that somebody always must.

Without one, a database that a drill kills would come back empty and healthy.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from drillbook.stack.helper import create_helper

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def hold(client: Any, containers: Iterable[Any], project: str, volumes: Collection[str]) -> None:
    """Starts a helper beside each container that is the only one to have some of the `volumes`."""
    for container in alone(containers, volumes):
        create_helper(client, container, project, f"holder-{container.short_id}").start()


def alone(containers: Iterable[Any], volumes: Collection[str]) -> list[Any]:
    """The containers of which no other has some of the volumes."""
    having = defaultdict(list)
    for container in containers:
        for volume in {one.get("Name") for one in container.attrs["Mounts"]} & {*volumes}:
            having[volume].append(container)
    return list({those[0].id: those[0] for those in having.values() if len(those) == 1}.values())
