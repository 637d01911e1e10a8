"""The stack of a drill: started for one run, labelled as the run's, its volumes bounded, its trouble switched on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drillbook.doctor.images import environment
from drillbook.library import Library
from drillbook.mistakes import Mistakes
from drillbook.progress import under_way
from drillbook.redact import keep_secret
from drillbook.stack import compose
from drillbook.stack.handle import Running
from drillbook.stack.plan import make_plan
from drillbook.stack.warm import wait_until_warm
from drillbook.supervisor.owner import OWNER_LABEL
from drillbook.target import DRILL, load_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.progress import Say
    from drillbook.system import Stack
    from drillbook.target import Target

WARM_WITHIN = 90.0


@dataclass(frozen=True)
class Berth:
    """What a supervised run offers: its id, the labels of everything it creates, and its temporary folder.

    It is plain, so that an xdist worker can be given the one of its controller, whose supervisor ends the worker too.
    """

    run: str
    labels: Mapping[str, str]
    folder: Path

    @property
    def owner(self) -> str:
        """The supervisor, as the label of its run names it."""
        return self.labels[OWNER_LABEL]

    def register(self, pid: int) -> None:
        """The supervisor finds the processes of its run by their environment; nothing is to be told."""

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"run": self.run, "labels": dict(self.labels), "folder": str(self.folder)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Berth:
        """The berth that `to_plain` wrote."""
        return cls(plain["run"], plain["labels"], Path(plain["folder"]))


def start_stack(library: Library, system: str, berth: Berth, say: Say, *, progress: Say | None = None) -> Running:
    """A new stack of `system`, up and warm; Mistakes where it does not start. Whoever armed the run removes it.

    `progress` is given the lines that say how far it is, where they are not for `say`.
    """
    stack, aside = library.read(system).stack, progress or say
    if stack is None:
        raise Mistakes([f"{library.file_of(system)}: a drill needs a table [stack]"])
    with under_way("looking for the images", say=aside):
        plan, images = make_plan(stack), environment()
    made = {**plan.secrets, **_trouble(stack)}
    for value in made.values():
        keep_secret(value)
    project = f"drillbook-{system}-{berth.run}-{secrets.token_hex(3)}".lower()
    target = target_of(library, system, plan.addresses)
    values = {**images, **made, **plan.addresses, "COMPOSE_PROJECT_NAME": project}
    file, into = library.file_of(system).parent / stack.compose, berth.folder / f"{project}.yaml"
    marks: dict[str, Any] = {"owner": berth.run, "labels": berth.labels, "volumes": stack.volumes}
    files = compose.describe(stack, file, into, plan=plan, values=values, **marks)
    say(f"starting {target.name}")
    with under_way(f"starting {target.name}", say=aside, now=lambda: compose.how_far(project)):
        compose.start(files, values)
    seconds = wait_until_warm(target, within=WARM_WITHIN, say=aside)
    say(f"{target.name} is up and warm (waited {seconds:.0f} s)")
    return Running(target, berth.run, project, made, files, values)


def target_of(library: Library, system: str, addresses: Mapping[str, str]) -> Target:
    """`system@drill` at these addresses, whatever the environment says of others."""
    return load_target(f"{system}@{DRILL}", Library(library.root, {**_folders(library), **addresses}))


def _folders(library: Library) -> dict[str, str]:
    own = library.environ.get("DRILLBOOK_SYSTEMS")
    return {"DRILLBOOK_SYSTEMS": own} if own else {}


def _trouble(stack: Stack) -> dict[str, str]:
    """The token that makes a stand-in misbehave on request: only a drill ever makes one."""
    return {stack.trouble.token: secrets.token_urlsafe(18)} if stack.trouble else {}
