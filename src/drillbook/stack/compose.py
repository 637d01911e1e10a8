"""Starts what a document describes through testcontainers, and removes whatever carries a label.

In two steps: everything is created, filled and proven to be the copy's own, and only then does any of it run. Both
say how far they are: how many containers are up, and how many things are still there.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.progress import nobody, under_way
from drillbook.doctor.engine import client, connect
from drillbook.stack.created import violations
from drillbook.stack.failed import what_is_not_here
from drillbook.stack.fill import copy_file, fill
from drillbook.stack.holding import hold
from drillbook.stack.plan import BUILT_LABEL, PROJECT_LABEL, SERVICE_LABEL
from drillbook.stack.programs import engine_explained, explained, variables
from drillbook.stack.standing import told_by_logs, wait_until_it_stands
from drillbook.supervisor.owner import LABEL
from drillbook.supervisor.removal import DEADLINE, remove_labelled
from drillbook.supervisor.things import CONTAINER, anonymous_volumes, listed
from drillbook.supervisor.things import remove as remove_thing

if TYPE_CHECKING:
    from testcontainers.compose import DockerCompose

    from drillbook.common.progress import Say
    from drillbook.stack.document import Document
    from drillbook.stack.recipe import Recipe

NOT_YET = ("(health: starting)", "(unhealthy)", "(Paused)")
NEVER = "0001-01-01T00:00:00Z"
ASKED_SECONDS = 5


def start(recipe: Recipe, document: Document) -> None:
    """Creates what the document describes, proves it, starts it and waits for its health checks.

    What runs as described is left alone. Mistakes with the end of the log of what did not come up; Refused where what
    was created is not the copy's own.
    """
    project = recipe.marks.project
    write(recipe, document)
    with closing(connect()) as engine, variables(recipe.values, without="COMPOSE_"), engine_explained("the stack"):
        _remove_what_the_file_has_no_more(engine, recipe, document)
        before = _volumes(engine, project) if _has_run(engine, project) else set()
        images, nameless = _built(engine, recipe.marks.owner), _nameless(engine, project)
        try:
            with explained("the stack was not created"):
                _run(recipe, "create", *(["--build"] if document.builds else []))
        except Mistakes as mistakes:
            raise Mistakes([*mistakes.lines, *what_is_not_here(engine, document.content["services"])]) from None
        _forget(engine, images - _built(engine, recipe.marks.owner), nameless - _nameless(engine, project))
        _fill(engine, recipe, document, before)
        prove(engine, recipe)
        with told_by_logs(project), explained("the stack did not start"):
            _run(recipe, "up", "--detach")
        wait_until_it_stands(engine, project)
        found = prove(engine, recipe)  # compose may have replaced what it had created
        hold(engine, found, project, [f"{project}_{key}" for key in recipe.sizes])


def write(recipe: Recipe, document: Document) -> None:
    """Writes the document where compose is given it, and the files that the copy has copies of; for us alone."""
    recipe.private.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = recipe.path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(document.text)
    draft.replace(recipe.path)
    for own, source in document.files.items():
        copy_file(source, own)


def prove(engine: Any, recipe: Recipe) -> list[Any]:
    """The containers that were created; Refused where one of them reaches what is not the copy's own."""
    filters = {"label": f"{PROJECT_LABEL}={recipe.marks.project}"}
    found = engine.containers.list(all=True, ignore_removed=True, filters=filters)
    strangers = [f"{one.name} is not the copy's own" for one in found if one.labels.get(LABEL) != recipe.marks.owner]
    wrong = [*strangers, *violations(engine, found, recipe.bounds)]
    if wrong:
        raise Refused([f"what was created is not safe to start: {line}" for line in wrong])
    return list(found)


def _run(recipe: Recipe, *words: str) -> None:
    command = [*_compose(recipe).docker_compose_command(), *words]
    subprocess.run(command, cwd=recipe.private, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def _compose(recipe: Recipe) -> DockerCompose:
    from testcontainers.compose import DockerCompose

    return DockerCompose(recipe.private, compose_file_name=[str(recipe.path)], env_file=recipe.env_file)


def _remove_what_the_file_has_no_more(engine: Any, recipe: Recipe, document: Document) -> None:
    for one in listed(engine, f"{LABEL}={recipe.marks.owner}", f"{PROJECT_LABEL}={recipe.marks.project}"):
        gone = one.labels.get(SERVICE_LABEL) not in document.content["services"]
        if one.kind == CONTAINER and one.is_named_after_its_run and gone:
            remove_thing(engine, one)


def _has_run(engine: Any, project: str) -> bool:
    """Whether anything of the project has ever been started, and may have written to its volumes."""
    found = engine.containers.list(all=True, ignore_removed=True, filters={"label": f"{PROJECT_LABEL}={project}"})
    return any(one.attrs["State"]["StartedAt"] != NEVER for one in found)


def _volumes(engine: Any, project: str) -> set[str]:
    found = engine.api.volumes(filters={"label": f"{PROJECT_LABEL}={project}"})["Volumes"] or []
    return {one["Name"] for one in found}


def _built(engine: Any, owner: str) -> set[str]:
    """The images that were built for this copy and still have the tag that they were built as."""
    return {
        one["Id"]
        for one in engine.api.images(filters={"label": f"{BUILT_LABEL}={owner}"})
        if any(not tag.startswith("<none>") for tag in one.get("RepoTags") or [])
    }


def _nameless(engine: Any, project: str) -> set[str]:
    """The volumes that the engine made for containers of the project because their images want them."""
    found = engine.containers.list(all=True, ignore_removed=True, filters={"label": f"{PROJECT_LABEL}={project}"})
    return {name for one in found for name in anonymous_volumes(one.attrs)}


def _forget(engine: Any, images: set[str], volumes: set[str]) -> None:
    """Removes what was replaced: images that were built anew from under their tags, and their containers' volumes."""
    from docker.errors import APIError

    for volume in volumes:
        with suppress(APIError):  # gone already, or somebody holds it
            engine.api.remove_volume(volume)
    for image in images:
        with suppress(APIError):
            if not engine.api.inspect_image(image).get("RepoTags"):
                engine.api.remove_image(image)


def _fill(engine: Any, recipe: Recipe, document: Document, before: set[str]) -> None:
    there = _volumes(engine, recipe.marks.project)
    for key, folder in document.fills.items():
        name = f"{recipe.marks.project}_{key}"
        if name in there - before:
            labels = {**recipe.marks.labels, PROJECT_LABEL: recipe.marks.project}
            fill(engine, name, folder, image=_any_image(engine, recipe), labels=labels)


def _any_image(engine: Any, recipe: Recipe) -> str:
    filters = {"label": f"{PROJECT_LABEL}={recipe.marks.project}"}
    return str(engine.api.containers(all=True, filters=filters)[0]["ImageID"])


def how_far(project: str) -> str:
    """How many containers of a compose project are up, and which are not; one that has done its work is."""
    with closing(client(timeout=ASKED_SECONDS)) as engine:
        there = engine.api.containers(all=True, filters={"label": [f"{PROJECT_LABEL}={project}"]})
    found = {one["Labels"][SERVICE_LABEL]: one["Status"] for one in there if SERVICE_LABEL in one["Labels"]}
    late = sorted(name for name, status in found.items() if not _is_up(status))
    waits = f", not yet {', '.join(late)}" if late else ""
    return f"{len(found) - len(late)} of {len(found)} containers up{waits}" if found else "no container yet"


def _is_up(status: str) -> bool:
    """`Up 5 seconds (healthy)` is, and so is `Exited (0) 3 seconds ago`; `Up 5 seconds (health: starting)` is not."""
    return status.startswith("Exited (0)") or (status.startswith("Up") and not status.endswith(NOT_YET))


def remove(owner: str, project: str = "", *, say: Say = nobody) -> tuple[str, ...]:
    """Removes every container, network, volume and built image labelled as `owner`'s, and names what it removed.

    With `project`, only those of that compose project. Mistakes where something could not be removed.
    """
    labels = [f"{LABEL}={owner}", *([f"{PROJECT_LABEL}={project}"] if project else [])]
    with under_way(f"removing {project or owner}", say=say, at_most=DEADLINE, now=lambda: _still_there(labels)):
        removal = remove_labelled(connect(), *labels)
    if removal.left:
        raise Mistakes([f"could not be removed: {left}" for left in removal.left])
    return removal.removed


def is_there(owner: str) -> bool:
    """Whether anything is there that carries `drillbook=owner`."""
    with closing(connect()) as engine:
        return bool(listed(engine, f"{LABEL}={owner}"))


def _still_there(labels: list[str]) -> str:
    with closing(client(timeout=ASKED_SECONDS)) as engine:
        return f"still there: {len(listed(engine, *labels))}"
