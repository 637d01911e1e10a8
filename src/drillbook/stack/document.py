"""The document that a copy is started from: the user's compose file, resolved, with the copy's own in place of theirs.

Nothing is created here. What cannot be made safe is Refused, all of it together; what was replaced is said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.stack.allowed import LOGGING, is_shared_outside, service_refusals, top_refusals
from drillbook.stack.ground import leads_here
from drillbook.stack.ports import LOOPBACK
from drillbook.stack.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from drillbook.stack.marks import Marks
    from drillbook.stack.mounts import Mounts
    from drillbook.stack.plan import Plan

# What is the copy's own in any case, and how that is said of the services whose file says something else.
UNUSED = {
    "container_name": "containers have no fixed name",
    "labels": "labels are left out: they could make other programs act on the copy",
    "mac_address": "hardware addresses are not fixed",
    "ports": "ports are published on loopback alone, at numbers of the copy's own",
    "restart": "nothing restarts by itself",
}
NOT_PULLED = ("if_not_present", "missing", "never")  # what else there is moves the user's own tags
NETWORK_KEPT = ("aliases", "priority")


@dataclass(frozen=True)
class Document:
    """A compose file of ours: safe as it stands.

    `said` is what was replaced, a line each; `fills` which folder each volume is filled from, `files` what is copied
    where before the start; `read_only` are the user's own files and folders that containers may read.
    """

    content: Mapping[str, Any] = field(repr=False)
    said: list[str]
    fills: Mapping[str, Path]
    files: Mapping[Path, Path]
    read_only: frozenset[str]

    @property
    def text(self) -> str:
        """As compose reads it."""
        return json.dumps(self.content, indent=1)

    @property
    def builds(self) -> bool:
        """Whether anything of it is built."""
        return any("build" in one for one in self.content["services"].values())


def make_document(
    config: Mapping[str, Any], marks: Marks, plan: Plan, mounts: Mounts, *, sizes: Mapping[str, str] | None = None
) -> Document:
    """The document of `config`, which `docker compose config` gave and which lacks what is left out.

    `sizes`: the volumes that are to be in memory, and no larger than that. Refused, or Mistakes, with all lines.
    """
    made = _Making(config, marks, plan, mounts, sizes or {})
    content = made.content()
    refusals = [*made.refusals(), *mounts.refusals]
    if refusals:
        raise Refused([*refusals, *mounts.mistakes])
    if mounts.mistakes:
        raise Mistakes(mounts.mistakes)
    return Document(content, made.said(), mounts.fills, mounts.files, frozenset(mounts.read_only))


def without(config: Mapping[str, Any], left_out: Iterable[str]) -> dict[str, Any]:
    """`config` without these services, and without their mention in others; Mistakes where one is not there."""
    gone, there = set(left_out), set(config["services"])
    if gone - there:
        known = ", ".join(sorted(there))
        raise Mistakes(
            [f"stack.leave_out: there is no service {name!r} (known: {known})" for name in sorted(gone - there)]
        )
    kept = {name: _unmentioned(one, gone) for name, one in config["services"].items() if name not in gone}
    shared = [
        f"stack.leave_out: {name} shares the {key} of {value.partition(':')[2]}: leave {name!r} out too"
        for name, one in kept.items()
        for key in ("network_mode", "pid", "ipc")
        if (value := str(one.get(key) or "")).startswith("service:") and value.partition(":")[2] in gone
    ]
    if shared:
        raise Mistakes(shared)
    return {**config, "services": kept}


def _unmentioned(service: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    found = dict(service)
    for key in ("depends_on", "links", "volumes_from"):
        value = found.get(key)
        if isinstance(value, dict):
            found[key] = {name: one for name, one in value.items() if name not in gone}
        elif value:
            found[key] = [one for one in value if one.partition(":")[0] not in gone]
    return found


@dataclass
class _Making:
    config: Mapping[str, Any]
    marks: Marks
    plan: Plan
    mounts: Mounts
    sizes: Mapping[str, str]
    lines: dict[str, None] = field(default_factory=dict)
    unused: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        services = self.config["services"]
        named = {name: one["image"] for name, one in services.items() if one.get("build") and one.get("image")}
        self.tags = {name: self.marks.tag(name) for name, one in services.items() if one.get("build")}
        self.built = {image: self.tags[name] for name, image in named.items()}

    def refusals(self) -> Iterator[str]:
        yield from top_refusals(self.config)
        for name, service in self.config["services"].items():
            yield from service_refusals(name, service)

    def said(self) -> list[str]:
        unused = [f"{UNUSED[key]} ({', '.join(names)})" for key, names in self.unused.items()]
        return [*self.lines, *self.mounts.said, *unused]

    def content(self) -> dict[str, Any]:
        around = Surroundings(self.config, self.marks, self.mounts, self.sizes, self.lines)
        volumes = {name: around.volume(name, one or {}) for name, one in (self.config.get("volumes") or {}).items()}
        self._check_contents()
        self.mounts.note_written(self.config["services"])
        services = {name: self._service(name, one) for name, one in self.config["services"].items()}
        networks = {name: around.network(name, one or {}) for name, one in (self.config.get("networks") or {}).items()}
        if any("default" in one.get("networks", {}) for one in services.values()):
            networks.setdefault("default", {"labels": dict(self.marks.labels)})
        own = {name: {"labels": dict(self.marks.labels)} for name in self.mounts.volumes}
        found = {"name": self.marks.project, "services": services, "networks": networks, "volumes": {**volumes, **own}}
        return {**found, **{key: around.files(key) for key in ("configs", "secrets") if self.config.get(key)}}

    def _check_contents(self) -> None:
        services, volumes = self.config["services"], self.config.get("volumes") or {}
        places = {
            f"{name}:{mount['target'].replace('$$', '$')}"
            for name, one in services.items()
            for mount in one.get("volumes") or []
        }
        for name in sorted(set(self.mounts.contents) - places - set(volumes)):
            known = ", ".join(sorted(places | set(volumes))) or "none"
            self.mounts.mistakes.append(f"stack.contents: nothing is mounted as {name!r} (known: {known})")

    def _service(self, name: str, service: Mapping[str, Any]) -> dict[str, Any]:
        found = {key: value for key, value in service.items() if not key.startswith("x-")}
        for key in ("annotations", "develop", "profiles"):
            found.pop(key, None)
        for key in UNUSED:
            if found.pop(key, None) not in (None, [], {}, "", "no"):
                self.unused.setdefault(key, []).append(name)
        found["restart"], found["labels"] = "no", dict(self.marks.labels)
        found["volumes"] = self.mounts.of(name, found.get("volumes") or [], alone=_replicas(service) == 1)
        found["ports"] = [
            {"target": port, "published": str(at), "host_ip": LOOPBACK, "protocol": "tcp", "mode": "host"}
            for (service_name, port), at in self.plan.ports.items()
            if self._publisher(service_name) == name
        ]
        for change in (self._networked, self._deployed, self._alone, self._logged, self._resolved, self._imaged):
            change(name, found)
        return {key: value for key, value in found.items() if value not in ([], {}) or key in ("command", "entrypoint")}

    def _publisher(self, name: str) -> str:
        """Which service has the ports of `name`: that whose network it shares."""
        shared = str(self.config["services"].get(name, {}).get("network_mode") or "").partition("service:")[2]
        return self._publisher(shared) if shared else name

    def _networked(self, name: str, found: dict[str, Any]) -> None:
        mode = str(found.get("network_mode") or "")
        if mode not in ("", "none") and not mode.startswith("service:") and not is_shared_outside(mode):
            del found["network_mode"]
            found["networks"] = {"default": None}
            self.lines[f"network_mode {mode} of {name}: it is on a network of the copy's own"] = None
        networks = found.get("networks") or {}
        for network, one in networks.items():
            fixed = sorted(set(one or {}) - set(NETWORK_KEPT))
            if fixed:
                self.lines[f"{', '.join(fixed)} of {name} on network {network}: not fixed in the copy"] = None
        called = self.config["services"][name].get("container_name")
        found["networks"] = {key: _kept(one or {}, called) or None for key, one in networks.items()}

    def _deployed(self, name: str, found: dict[str, Any]) -> None:
        deploy = found.pop("deploy", None) or {}
        if (deploy.get("restart_policy") or {}).get("condition") not in (None, "none"):
            self.unused.setdefault("restart", []).append(name)
        found["deploy"] = {key: deploy[key] for key in ("replicas", "resources") if deploy.get(key)}

    def _alone(self, name: str, found: dict[str, Any]) -> None:
        """A port of the copy's can be given to one container only."""
        if found["ports"] and _replicas(found) > 1:
            found.pop("scale", None)
            found.get("deploy", {}).pop("replicas", None)
            self.lines[f"replicas of {name}: one in the copy, whose port is published"] = None

    def _logged(self, name: str, found: dict[str, Any]) -> None:
        driver = (found.get("logging") or {}).get("driver") or ""
        if driver not in LOGGING:
            del found["logging"]
            self.lines[f"logging driver {driver} of {name}: the engine keeps the copy's log"] = None

    def _resolved(self, name: str, found: dict[str, Any]) -> None:
        hosts = found.get("extra_hosts") or []
        hosts = hosts if isinstance(hosts, list) else [f"{host}={address}" for host, address in hosts.items()]
        kept = [one for one in hosts if not leads_here(one)]
        if kept != hosts:
            self.lines[f"extra_hosts of {name}: nothing leads the copy to this machine"] = None
        found["extra_hosts"] = kept

    def _imaged(self, name: str, found: dict[str, Any]) -> None:
        build, image = found.get("build"), found.get("image", "")
        if build:
            dropped = sorted(set(build) & {"cache_to", "tags"})
            if image or dropped:
                what = ", ".join([*([f"tag {image}"] if image else []), *dropped])
                self.lines[f"{what} of {name}: the copy builds {self.tags[name]}, removed with it"] = None
            kept = {k: v for k, v in build.items() if k not in ("cache_to", "isolation", "provenance", "sbom", "tags")}
            found["build"] = {**kept, "labels": self.marks.of_image(self.tags[name])}
            found["image"] = self.tags[name]
        elif image in self.built:
            found["image"] = self.built[image]
        if build or image in self.built:
            found.pop("pull_policy", None)  # nobody else has it
        if found.get("pull_policy") not in (None, *NOT_PULLED):
            self.lines[f"pull_policy {found.pop('pull_policy')} of {name}: an image that is here stays as it is"] = None


def _kept(network: Mapping[str, Any], called: str | None) -> dict[str, Any]:
    """What stays of a service on a network; who calls it by its container's name still finds it there."""
    kept = {key: value for key, value in network.items() if key in NETWORK_KEPT}
    return {**kept, "aliases": [*kept.get("aliases", []), called]} if called else kept


def _replicas(service: Mapping[str, Any]) -> int:
    return int((service.get("deploy") or {}).get("replicas") or service.get("scale") or 1)
