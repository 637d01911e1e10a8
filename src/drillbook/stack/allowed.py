"""What a compose file may ask for: every key that is known to be safe. Whatever else it says is refused, by its key.

Here is what a copy may have as it stands, and what no copy may have; what a copy has instead of what belongs to the
user is decided in `document` and `mounts`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEXT_STEP = "leave the service out ([stack] leave_out), or give the stack a compose file without it"

CAPABILITIES = _words(
    """AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID
    SYS_CHROOT NET_ADMIN IPC_LOCK SYS_NICE NET_BROADCAST LEASE"""
)
LOGGING = ("", "json-file", "local", "none")
NO_NEW_PRIVILEGES = ("no-new-privileges", "no-new-privileges:true", "no-new-privileges:false", "no-new-privileges=true")

# As it stands in the file.
KEPT = _words(
    """attach blkio_config cap_drop command configs cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period
    cpu_rt_runtime cpu_shares cpus cpuset depends_on dns dns_opt dns_search domainname entrypoint environment expose
    group_add healthcheck hostname image init links mem_limit mem_reservation mem_swappiness memswap_limit
    oom_kill_disable oom_score_adj pids_limit platform pull_policy read_only scale secrets shm_size stdin_open
    stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits user working_dir"""
)
# Replaced by the copy's own, or meant for other tools than `docker compose up`.
REPLACED = _words(
    """annotations build container_name deploy develop extra_hosts labels logging mac_address network_mode networks
    ports profiles restart volumes volumes_from"""
)
BUILD_KEPT = _words(
    """additional_contexts args cache_from context dockerfile dockerfile_inline extra_hosts no_cache platforms pull
    secrets shm_size target ulimits"""
)
BUILD_REPLACED = _words("cache_to isolation labels provenance sbom tags")
# The options of a volume that is in memory, and nowhere else.
MEMORY = _words("gid huge mode noatime nodev noexec nosuid nr_blocks nr_inodes rw size uid")
DEPLOY_KEPT = _words("replicas resources")
DEPLOY_REPLACED = _words("endpoint_mode labels mode placement restart_policy rollback_config update_config")
TOP = _words("configs name networks secrets services volumes")


def _shares(*allowed: str) -> Callable[[Any], bool]:
    """Whether a namespace is the container's own, or that of another service of the copy."""
    return lambda value: value in allowed or str(value).startswith("service:")


# Keys that may be there with some values only; whether a value is fine.
JUDGED: Mapping[str, Callable[[Any], bool]] = {
    "cap_add": lambda value: {str(one).upper().removeprefix("CAP_") for one in value} <= CAPABILITIES,
    "cgroup": lambda value: value == "private",
    "ipc": _shares("none", "private", "shareable"),
    "isolation": lambda value: value == "default",
    "pid": _shares(),
    "post_start": lambda value: not any(one.get("privileged") for one in value),
    "pre_stop": lambda value: not any(one.get("privileged") for one in value),
    "runtime": lambda value: value in ("runc", "io.containerd.runc.v2"),
    "security_opt": lambda value: all(one in NO_NEW_PRIVILEGES for one in value),
}
WHY = {
    "cap_add": "reaches beyond the container",
    "cgroup": "is the machine's own",
    "cgroup_parent": "is a group of the machine's own",
    "credential_spec": "holds credentials of the machine",
    "device_cgroup_rules": "opens the machine's devices",
    "devices": "are the machine's own",
    "external_links": "are containers of the user's",
    "gpus": "are the machine's own",
    "ipc": "is shared with what is not the copy's",
    "network_mode": "is shared with what is not the copy's",
    "pid": "is shared with what is not the copy's",
    "post_start": "runs with the machine's privileges",
    "pre_stop": "runs with the machine's privileges",
    "privileged": "makes the container as mighty as the machine",
    "runtime": "is not known to keep the container in",
    "security_opt": "takes away what keeps the container in",
    "use_api_socket": "hands the engine to the container",
    "userns_mode": "is the machine's own",
    "uts": "is the machine's own",
    "volumes_from": "are volumes of the user's",
}


def is_in_memory(options: Mapping[str, Any]) -> bool:
    """Whether a volume of these options is in memory alone: with `bind` it is a folder, whatever type it says."""
    words = {one.strip().partition("=")[0] for one in str(options.get("o") or "").split(",")} - {""}
    return options.get("type") == "tmpfs" and set(options) <= {"type", "device", "o"} and words <= MEMORY


def service_refusals(name: str, service: Mapping[str, Any]) -> Iterator[str]:
    """A line for each key of a service, of its build and its deployment, that a copy must not have."""
    for key, value in service.items():
        if not _says_nothing(value) and not _allowed(key, value, KEPT | REPLACED):
            yield refusal(f"services.{name}.{key}", key, value)
    if is_shared_outside(str(service.get("network_mode"))):
        yield refusal(f"services.{name}.network_mode", "network_mode", service["network_mode"])
    foreign = [one for one in service.get("volumes_from") or [] if one.startswith("container:")]
    if foreign:
        yield refusal(f"services.{name}.volumes_from", "volumes_from", foreign)
    yield from _build_refusals(f"services.{name}.build", service.get("build") or {})
    yield from _deploy_refusals(f"services.{name}.deploy", service.get("deploy") or {})


def is_shared_outside(network_mode: str) -> bool:
    """Whether a network mode is the machine's, or that of a container that is not the copy's."""
    return network_mode == "host" or network_mode.startswith("container:")


def top_refusals(config: Mapping[str, Any]) -> Iterator[str]:
    """A line for each key at the top of the file that a copy must not have."""
    for key, value in config.items():
        if key not in TOP and not key.startswith("x-") and not _says_nothing(value):
            yield refusal(key, key, None)
    for section in ("configs", "secrets"):
        for name, one in (config.get(section) or {}).items():
            if (one or {}).get("external") or (one or {}).get("driver"):
                yield f"{section}.{name}: is kept outside of the file, and a copy cannot have it: {NEXT_STEP}"


def refusal(where: str, key: str, value: Any) -> str:
    """The one line: which key, what it says, why not, and the next step."""
    plain = key in WHY and not isinstance(value, dict) and not any(isinstance(one, dict) for one in _listed(value))
    said = f" {json.dumps(value)[:100]}" if plain and value is not None else ""
    return f"{where}:{said} {WHY.get(key, 'is not known to be safe')}: {NEXT_STEP}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _allowed(key: str, value: Any, known: frozenset[str]) -> bool:
    return key in known or key.startswith("x-") or (key in JUDGED and JUDGED[key](value))


def _says_nothing(value: Any) -> bool:
    return value is None or value is False or value == "" or value == [] or value == {}


def _build_refusals(where: str, build: Mapping[str, Any]) -> Iterator[str]:
    for key, value in build.items():
        fine = key == "network" and value in ("none", "default")
        if not (fine or _says_nothing(value) or _allowed(key, None, BUILD_KEPT | BUILD_REPLACED)):
            yield refusal(f"{where}.{key}", "network_mode" if key == "network" else key, value)


def _deploy_refusals(where: str, deploy: Mapping[str, Any]) -> Iterator[str]:
    for key, value in deploy.items():
        if not _says_nothing(value) and not _allowed(key, None, DEPLOY_KEPT | DEPLOY_REPLACED):
            yield refusal(f"{where}.{key}", key, value)
    reserved = (deploy.get("resources") or {}).get("reservations") or {}
    if reserved.get("devices"):
        yield refusal(f"{where}.resources.reservations.devices", "devices", reserved["devices"])
