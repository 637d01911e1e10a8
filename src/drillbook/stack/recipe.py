"""The recipe of a copy: from the user's compose file and the copy's own values to the document that it is started from.

It is made anew whenever it is needed, with the same result: a container that is created again fits the rest.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import keep_secret
from drillbook.doctor import engine, images
from drillbook.doctor.pull import Registries
from drillbook.stack.created import Bounds
from drillbook.stack.document import make_document, without
from drillbook.stack.ground import this_ground
from drillbook.stack.guard import local_engine
from drillbook.stack.mounts import Mounts
from drillbook.stack.plan import unknown_services
from drillbook.stack.programs import explained, variables
from drillbook.system.addresses import read_env_file
from drillbook.system.consistent import not_there

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from drillbook.common.progress import Say
    from drillbook.stack.document import Document
    from drillbook.stack.marks import Marks
    from drillbook.stack.plan import Plan
    from drillbook.system.file import Stack


@dataclass(frozen=True)
class Recipe:
    """What a copy is made from.

    `beside` is the folder of the system file, `private` one of ours; `made` are secrets of this copy beside the plan's,
    `sizes` the volumes that are in memory. `instead` and `bounds` are found out on the way, and stay.
    """

    stack: Stack
    beside: Path
    marks: Marks
    private: Path
    plan: Plan
    made: Mapping[str, str] = field(default_factory=dict, repr=False)
    sizes: Mapping[str, str] = field(default_factory=dict)
    instead: dict[str, str] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)

    @property
    def file(self) -> Path:
        """The user's compose file."""
        return self.beside / self.stack.compose

    @property
    def path(self) -> Path:
        """Where the document is, that compose is given."""
        return self.private / f"{self.marks.project}.json"

    @property
    def env_file(self) -> str | None:
        """The user's `.env`, where there is one: secrets that a variable holds are looked up at the start."""
        path = self.file.parent / ".env"
        return str(path.absolute()) if path.is_file() else None

    @property
    def values(self) -> dict[str, str]:
        """The variables of the user's compose file."""
        ours = {**self.plan.values, **self.made, "COMPOSE_PROJECT_NAME": self.marks.project}
        return {**self.offered, **ours}

    def described(self, changes: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The user's file as compose understands it, without what is left out; `changes` are of its variables."""
        if not self.offered:
            self.offered.update(images.environment())
        config = without(configuration(self.file, {**self.values, **(changes or {})}), self.stack.leave_out)
        unknown = unknown_services(self.stack, config)
        if unknown:
            raise Mistakes([f"stack.addresses: {self.file} has no service {name!r}" for name in unknown])
        return config

    def find_images(self, config: Mapping[str, Any], say: Say) -> None:
        """Finds what serves in place of images that are not here; Missing where one that we know is nowhere."""
        client = engine.connect()
        used = [one["image"] for one in config["services"].values() if one.get("image") and not one.get("build")]
        for tag, found in images.serving(used, images.on(client), Registries(client).pull).items():
            self.instead[tag] = found.tag
            say(f"image {tag} is not here and cannot be pulled: {found.tag} in its place ({found.origin})")

    def document(self, config: Mapping[str, Any]) -> Document:
        """The document; Refused, or Mistakes, where one cannot be made."""
        ground = this_ground(engine.connect(), local_engine().removeprefix("unix://"))
        mounts = Mounts(ground, self.stack.contents, self.beside, self.private / "files")
        made = make_document(self.with_images(config), self.marks, self.plan, mounts, sizes=self.sizes)
        self.bounds.of(self.marks.owner, made.read_only, self.private)
        return made

    def with_images(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """`config` with what serves in place of images that are not here."""
        services = {name: _instead(one, self.instead) for name, one in config["services"].items()}
        return {**config, "services": services}

    def given(self, config: Mapping[str, Any]) -> dict[str, str]:
        """What the user's environment, `.env` or env files give to the names in the addresses; all of it is secret.

        Mistakes where two services are given different values and nothing else says which.
        """
        kept = read_env_file(self.file.parent / ".env")
        found = (
            (name, os.environ.get(name) or kept.get(name) or _of_services(config, name)) for name in self.plan.wanted
        )
        return {name: keep_secret(value) for name, value in found if value}


def prepared(recipe: Recipe, say: Say) -> tuple[Recipe, Document]:
    """The recipe with all that the user's files give it, and the document; says what the copy has instead of theirs.

    Nothing is created: whatever is wrong, missing or unsafe is said before.
    """
    if missing := [*not_there(recipe.stack, recipe.beside)]:
        raise Mistakes(missing)
    for value in recipe.plan.secrets.values():
        keep_secret(value)
    config = recipe.described()
    whole = replace(recipe, plan=recipe.plan.with_given(recipe.given(config)))
    if whole.plan.wanted:
        config = whole.described()  # its addresses are variables of the file too
    document = whole.document(config)
    whole.find_images(config, say)
    document = whole.document(config) if whole.instead else document
    for line in [*document.said, *_unread(whole.file)]:
        say(line)
    return whole, document


def configuration(compose: Path, values: Mapping[str, str]) -> dict[str, Any]:
    """The compose file with its variables filled in, as compose understands it beside it; `$` is `$$` in all of it."""
    found: dict[str, Any] = json.loads(_config(compose, values, "--format", "json"))
    return found


def profiles(compose: Path, values: Mapping[str, str]) -> list[str]:
    """The profiles that services of the compose file have; compose starts those that `COMPOSE_PROFILES` names."""
    return _config(compose, values, "--profiles").decode().split()


def _config(compose: Path, values: Mapping[str, str], *words: str) -> bytes:
    command = ["docker", "compose", "--file", str(compose.absolute()), "config", *words]
    beside = {"PWD": str(compose.parent.absolute())}  # files say ${PWD}, and are meant to be started from their folder
    with variables({**beside, **values}), explained(f"{compose} cannot be used"):
        said = subprocess.run(command, cwd=compose.parent, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return said.stdout


def _unread(file: Path) -> list[str]:
    """What is said of a file beside the compose file that compose reads by itself where it is given none."""
    beside = [file.with_name(f"{file.stem}.override{suffix}") for suffix in (".yaml", ".yml")]
    return [f"{one.name} is not read: stack.compose names {file.name} alone" for one in beside if one.is_file()]


def _instead(service: Mapping[str, Any], images_: Mapping[str, str]) -> dict[str, Any]:
    """The service with the image that serves in place of its own, which is nowhere to be pulled from."""
    image = images_.get(service.get("image", ""))
    kept = {key: value for key, value in service.items() if not (image and key == "pull_policy")}
    return {**kept, "image": image} if image else kept


def _of_services(config: Mapping[str, Any], name: str) -> str:
    there = {(one.get("environment") or {}).get(name) for one in config["services"].values()} - {None, ""}
    if len(there) > 1:
        line = f"stack.addresses: {{{name}}} has different values in different services: export the right one"
        raise Mistakes([line])
    return str(there.pop()).replace("$$", "$") if there else ""
