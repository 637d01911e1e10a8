"""The plan of a stack: its secrets, its ports, the addresses that result, and the override that compose is given.

A plan is made once and kept, so that a second start finds the same stack.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.mistakes import Mistakes
from drillbook.stack.ports import LOOPBACK, free_ports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.system import Stack

LABEL = "drillbook"
_PLACE = re.compile(r"\{([a-z][a-z0-9_-]*):(\d+)\}")
_SECRET = re.compile(r"\{([A-Z][A-Z0-9_]*)\}")

Port = tuple[str, int]


@dataclass(frozen=True)
class Plan:
    """What a stack is started with: the environment variables of its compose file and of its target."""

    secrets: Mapping[str, str]
    ports: Mapping[Port, int]
    addresses: Mapping[str, str]

    @property
    def values(self) -> dict[str, str]:
        """Everything that is kept in the target's `.env` file."""
        return {**self.addresses, **self.secrets}


def make_plan(stack: Stack) -> Plan:
    """A new plan, with new secrets and free ports; Mistakes where `stack.addresses` speak of unknown secrets."""
    made = {name: secrets.token_urlsafe(18) for name in stack.secrets}
    wanted = sorted({_port(found) for address in stack.addresses.values() for found in _PLACE.findall(address)})
    ports = dict(zip(wanted, free_ports(len(wanted)), strict=True))
    return Plan(made, ports, {name: _filled(address, made, ports) for name, address in stack.addresses.items()})


def kept_plan(stack: Stack, values: Mapping[str, str]) -> Plan | None:
    """The plan that `values`, read back from the `.env` file, came from; None where they do not fit any more."""
    if not set(stack.secrets) | set(stack.addresses) <= set(values):
        return None
    made = {name: values[name] for name in stack.secrets}
    addresses = {name: values[name] for name in stack.addresses}
    ports: dict[Port, int] = {}
    for name, template in stack.addresses.items():
        found = _ports_of(template, addresses[name])
        if found is None:
            return None
        ports |= found
    same = {name: _filled(template, made, ports) for name, template in stack.addresses.items()} == addresses
    return Plan(made, ports, addresses) if same else None


def override(
    plan: Plan,
    config: Mapping[str, Any],
    project: str,
    owner: str,
    *,
    labels: Mapping[str, str] | None = None,
    volumes: Mapping[str, str] | None = None,
) -> str:
    """The compose override: project name, label `drillbook=owner` on everything, ports on loopback only.

    `config` is the compose file as `docker compose config` gives it. `labels` are put beside the owner's; `volumes`
    are to be in memory, and no larger than the size given.
    """
    marks = json.dumps({LABEL: owner, **(labels or {})})
    lines = [f"name: {json.dumps(project)}", "services:"]
    for service in config["services"]:
        published = [f"{LOOPBACK}:{at}:{port}" for (name, port), at in plan.ports.items() if name == service]
        lines += [f"  {service}:", "    container_name: !reset null", f"    ports: !override {json.dumps(published)}"]
        lines += [f"    labels: {marks}"]
    for section in ("networks", "volumes"):
        own = [name for name, one in config.get(section, {}).items() if not (one or {}).get("external")]
        lines += [f"{section}:"] if own else []
        sizes = volumes if section == "volumes" and volumes else {}
        lines += [f"  {name}: {{labels: {marks}{_bounded(sizes.get(name))}}}" for name in own]
    return "\n".join([*lines, ""])


def _bounded(size: str | None) -> str:
    options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={size}"}
    return f", driver: local, driver_opts: {json.dumps(options)}" if size else ""


def unknown_services(stack: Stack, config: Mapping[str, Any]) -> list[str]:
    """The services that `stack.addresses` speak of and the compose file does not have."""
    asked = {name for address in stack.addresses.values() for name, _ in _PLACE.findall(address)}
    return sorted(asked - set(config["services"]))


def _port(found: tuple[str, str]) -> Port:
    return found[0], int(found[1])


def _filled(address: str, made: Mapping[str, str], ports: Mapping[Port, int]) -> str:
    unknown = [name for name in _SECRET.findall(address) if name not in made]
    if unknown:
        raise Mistakes([f"stack.addresses: {{{name}}} is not among stack.secrets" for name in unknown])
    placed = _PLACE.sub(lambda found: f"{LOOPBACK}:{ports[found[1], int(found[2])]}", address)
    return _SECRET.sub(lambda found: made[found[1]], placed)


def _ports_of(template: str, address: str) -> dict[Port, int] | None:
    places = [_port(found) for found in _PLACE.findall(template)]
    found = re.findall(rf"{re.escape(LOOPBACK)}:(\d+)", address)
    return dict(zip(places, map(int, found), strict=True)) if len(found) == len(places) else None
