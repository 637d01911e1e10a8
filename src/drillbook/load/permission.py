"""May this target be loaded? What Drillbook started itself, freely; the rest only where somebody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes, Refused

if TYPE_CHECKING:
    from drillbook.load.child import Told
    from drillbook.system.target import Service, Target

PRODUCTION = "production"
SMOKE_PEAK = 5.0  # requests a second
SMOKE_SECONDS = 60.0


def service_of(target: Target) -> Service:
    """The service that visitors talk to: the one with the role `api`; Mistakes where there is none."""
    found = target.of_kind("http", "api")
    if found is None:
        raise Mistakes([f"{target.name} has no http service that could be loaded"])
    return found


def permit(target: Target, confirm: str | None) -> None:
    """Refused, before anything is started, unless `target` is ours to load or `confirm` says so in so many words."""
    from drillbook.stack.published import is_ours

    wanted = f"load {target.name}"
    if confirm is not None and confirm != wanted:
        raise Refused([f'--confirm {confirm!r} is not what would be done: say --confirm "{wanted}"'])
    if confirm is None and not is_ours(service_of(target)):
        what = f"no running container of ours answers for {target.name}"
        raise Refused([f'{what}: if it may be loaded all the same, say --confirm "{wanted}"'])


def permit_profile(target: Target, told: Told) -> None:
    """Refused where the profile is more than production takes."""
    if target.kind == PRODUCTION and (told.profile.peak > SMOKE_PEAK or told.profile.seconds > SMOKE_SECONDS):
        asks = f"{told.file} asks for up to {told.profile.peak:g} requests a second for {told.profile.seconds:g} s"
        takes = f"at most {SMOKE_PEAK:g} requests a second for {SMOKE_SECONDS:g} s"
        raise Refused([f"{asks}, and {target.name} takes a smoke profile only: {takes}"])
