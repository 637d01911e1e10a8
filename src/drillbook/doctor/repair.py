"""Make sure of everything that a start needs, in the order in which one stands on the other."""

from collections.abc import Callable, Container
from functools import partial
from typing import Any

from drillbook.doctor import build, compose, engine, images, reference
from drillbook.doctor.lock import only_one
from drillbook.doctor.machine import Machine, state_folder, this_machine
from drillbook.doctor.missing import Missing
from drillbook.doctor.pull import Registries
from drillbook.doctor.say import say


def repair(wanted: Container[images.Image]) -> None:
    """Add what copies lack and say each step; what cannot be done is said with the command that would."""
    machine = this_machine()
    with only_one(state_folder() / "doctor.lock"):
        if _done(lambda: engine.ensure(machine)):
            _images(machine, wanted)
        _done(lambda: compose.ensure(machine))


def _done(act: Callable[[], None]) -> bool:
    """Act; what is missing is said and keeps nothing else away."""
    try:
        act()
    except Missing as missing:
        say(str(missing))
        return False
    return True


def _images(machine: Machine, wanted: Container[images.Image]) -> None:
    client = engine.connect()
    registries = Registries(client)
    for image in images.needed(wanted=wanted):
        _done(partial(ensure, image, client=client, registries=registries, machine=machine))


def ensure(image: images.Image, *, client: Any, registries: Registries, machine: Machine) -> None:
    """Make sure of one image: the one that is here, else the one its registry gives, else one that we build."""
    is_here = images.on(client)
    if images.find(image, is_here):
        return
    wanted = images.candidates(image)[0]
    if image == images.REFERENCE and wanted.origin.startswith("built"):
        _reference(client, is_here)
    elif not registries.pull(wanted.tag):
        _instead(image, wanted, client=client, machine=machine)


def _instead(image: images.Image, wanted: images.Found, *, client: Any, machine: Machine) -> None:
    if wanted.origin != images.OFFICIAL:
        raise Missing(f"{images.explain(image)}, and cannot be pulled: docker pull {wanted.tag}")
    build.standin(client, image.name, machine)


def _reference(client: Any, is_here: images.HasImage) -> None:
    base = images.find(images.PYTHON, is_here)
    if base is None:
        wanted = images.candidates(images.PYTHON)[0].tag
        raise Missing(f"reference: cannot be built without the python image: docker pull {wanted}")
    reference.ensure(client, base.tag)
