"""The plan of a stack: its secrets, its ports, and the addresses that result.

A plan is made once and kept, so that a second start finds the same stack.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.stack.ports import LOOPBACK, free_ports
from drillbook.supervisor.things import BUILT, BUILT_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.system.file import Stack

BUILT_LABEL, BUILT_TAG_LABEL = BUILT, BUILT_TAG
PROJECT_LABEL, SERVICE_LABEL = "com.docker.compose.project", "com.docker.compose.service"
_PLACE = re.compile(r"\{([A-Za-z0-9][\w.-]*):(\d+)\}", re.ASCII)  # services as compose files may call them
_SECRET = re.compile(r"\{([A-Z][A-Z0-9_]*)\}")

Port = tuple[str, int]


@dataclass(frozen=True)
class Plan:
    """What a stack is started with: the environment variables of its compose file and of its target.

    `given` are the values that the user's own files give to compose and that the addresses name; `templates` are the
    addresses as the system file writes them.
    """

    secrets: Mapping[str, str] = field(repr=False)
    ports: Mapping[Port, int]
    templates: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def wanted(self) -> list[str]:
        """The names in the addresses that are no secrets of ours: the user's own files must give them."""
        named = {name for template in self.templates.values() for name in _SECRET.findall(template)}
        return sorted(named - set(self.secrets))

    @property
    def addresses(self) -> dict[str, str]:
        """The addresses, filled in; a name that nobody has given yet stands as it is."""
        return {name: self._filled(template) for name, template in self.templates.items()}

    @property
    def values(self) -> dict[str, str]:
        """Everything that is kept in the target's `.env` file."""
        return {**self.addresses, **self.secrets, **self.given}

    def with_given(self, given: Mapping[str, str]) -> Plan:
        """The same, with the user's values; Mistakes where one that the addresses name is not among them."""
        missing = [name for name in self.wanted if not given.get(name)]
        if missing:
            known = "put it among stack.secrets, or set it where the compose file takes it from"
            raise Mistakes([f"stack.addresses: nothing gives {{{name}}} a value: {known}" for name in missing])
        return replace(self, given={name: given[name] for name in self.wanted})

    def _filled(self, template: str) -> str:
        known = {**self.given, **self.secrets}
        placed = _PLACE.sub(lambda found: f"{LOOPBACK}:{self.ports[found[1], int(found[2])]}", template)
        return _SECRET.sub(lambda found: known.get(found[1], found[0]), placed)


def make_plan(stack: Stack) -> Plan:
    """A new plan, with new secrets and free ports."""
    made = {name: secrets.token_urlsafe(18) for name in stack.secrets}
    wanted = sorted({_port(found) for address in stack.addresses.values() for found in _PLACE.findall(address)})
    ports = dict(zip(wanted, free_ports(len(wanted)), strict=True))
    return Plan(made, ports, stack.addresses)


def kept_plan(stack: Stack, values: Mapping[str, str]) -> Plan | None:
    """The plan that `values`, read back from the `.env` file, came from; None where they do not fit any more."""
    if not set(stack.secrets) | set(stack.addresses) <= set(values):
        return None
    ports: dict[Port, int] = {}
    for name, template in stack.addresses.items():
        found = _ports_of(template, values[name])
        if found is None:
            return None
        ports |= found
    plan = Plan({name: values[name] for name in stack.secrets}, ports, stack.addresses)
    kept = replace(plan, given={name: values[name] for name in plan.wanted if name in values})
    return kept if kept.addresses == {name: values[name] for name in stack.addresses} else None


def unknown_services(stack: Stack, config: Mapping[str, Any]) -> list[str]:
    """The services that `stack.addresses` speak of and the compose file does not have."""
    asked = {name for address in stack.addresses.values() for name, _ in _PLACE.findall(address)}
    return sorted(asked - set(config["services"]))


def _port(found: tuple[str, str]) -> Port:
    return found[0], int(found[1])


def _ports_of(template: str, address: str) -> dict[Port, int] | None:
    places = [_port(found) for found in _PLACE.findall(template)]
    found = re.findall(rf"{re.escape(LOOPBACK)}:(\d+)", address)
    return dict(zip(places, map(int, found), strict=True)) if len(found) == len(places) else None
