"""The stack of a drill: started for one run, labelled as the run's, its volumes bounded, its trouble switched on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.common.progress import under_way
from drillbook.common.redact import keep_secret
from drillbook.stack import compose
from drillbook.stack.handle import Running
from drillbook.stack.marks import Marks
from drillbook.stack.plan import make_plan
from drillbook.stack.recipe import Recipe, prepared
from drillbook.stack.standing import told_by_logs
from drillbook.stack.warm import wait_until_warm
from drillbook.supervisor.owner import OWNER_LABEL
from drillbook.system.elsewhere import DRILL
from drillbook.system.library import Library
from drillbook.system.target import load_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.common.progress import Say
    from drillbook.stack.plan import Plan
    from drillbook.system.file import Stack
    from drillbook.system.target import Target

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
        raise Mistakes(library.told(system, ["stack: is missing: a drill needs a table [stack]"]))
    project = f"drillbook-{system}-{berth.run}-{secrets.token_hex(3)}".lower()
    made = _trouble(stack)
    for value in made.values():
        keep_secret(value)
    beside, marks = library.file_of(system).parent, Marks(project, berth.labels)
    recipe = Recipe(stack, beside, marks, berth.folder.resolve(), make_plan(stack), made, stack.volumes)
    with library.telling(system), under_way("looking at the compose file", say=aside):
        recipe, document = prepared(recipe, say)
    target = target_of(library, system, recipe.plan)
    say(f"starting {target.name}")
    try:
        with under_way(f"starting {target.name}", say=aside, now=lambda: compose.how_far(project)):
            compose.start(recipe, document)
        with told_by_logs(project):
            seconds = wait_until_warm(target, within=WARM_WITHIN, say=aside)
    except Mistakes:
        compose.remove(berth.run, project, say=aside)
        raise
    say(f"{target.name} is up and warm (waited {seconds:.0f} s)")
    ours = {**recipe.plan.secrets, **made}
    return Running(target, berth.run, project, ours, recipe.values, recipe)


def target_of(library: Library, system: str, plan: Plan) -> Target:
    """`system@drill` at the plan's addresses, whatever the environment says of others.

    Headers, and from and to whom a mail is sent, are taken from the environment, unless the plan makes their values for
    this copy.
    """
    services = library.read(system).model_dump(warnings=False)["services"]  # of texts in place of references
    names = set[str]().union(*map(_headers, services.values())) | _mailboxes(services)
    exported = {name: library.environ[name] for name in names if name in library.environ}
    return load_target(f"{system}@{DRILL}", Library(library.root, {**_folders(library), **exported, **plan.values}))


def _headers(declared: Any, *, inside: bool = False) -> set[str]:
    """The variables that headers refer to, wherever in a service they are declared."""
    if not isinstance(declared, dict):
        return set()
    own = {str(declared["env"])} if inside and isinstance(declared.get("env"), str) else set()
    below = (_headers(value, inside=inside or key == "headers") for key, value in declared.items())
    return own.union(*below)


def _mailboxes(services: Mapping[str, Any]) -> set[str]:
    """The variables that the mails of services refer to: no address of a server is among them."""
    mails = [service.get("mail") or {} for service in services.values()]
    return {str(one["env"]) for mail in mails for one in mail.values() if isinstance(one, dict)}


def _folders(library: Library) -> dict[str, str]:
    own = library.environ.get("DRILLBOOK_SYSTEMS")
    return {"DRILLBOOK_SYSTEMS": own} if own else {}


def _trouble(stack: Stack) -> dict[str, str]:
    """The token that makes a stand-in misbehave on request: only a drill ever makes one."""
    return {stack.trouble.token: secrets.token_urlsafe(18)} if stack.trouble else {}
