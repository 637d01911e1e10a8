"""A helper: a container of the run's beside another one, that acts on the other's volumes and reaches nothing else."""

from __future__ import annotations

from typing import Any

from drillbook.stack.plan import PROJECT_LABEL
from drillbook.supervisor.owner import LABEL

HELPER_LABEL = "drillbook.helper"


def create_helper(client: Any, beside: Any, project: str, name: str) -> Any:
    """A container, not yet started, with the image of `beside` and those of its volumes that the run has made."""
    from docker.types import Mount

    labels = {key: value for key, value in beside.labels.items() if key.split(".")[0] == LABEL}
    volumes = [(one["Name"], one["Destination"]) for one in beside.attrs["Mounts"] if one["Type"] == "volume"]
    ours = [one for one in volumes if client.volumes.get(one[0]).attrs["Labels"].get(LABEL) == labels[LABEL]]
    return client.containers.create(
        beside.attrs["Image"],
        name=f"{project}-helper-{name}",
        entrypoint=["sleep"],
        command=["86400"],
        labels={**labels, PROJECT_LABEL: project, HELPER_LABEL: name},
        mounts=[Mount(place, volume, no_copy=True) for volume, place in ours],
        user="0",
        cap_drop=["ALL"],
        cap_add=["CHOWN", "DAC_OVERRIDE", "FOWNER"],
        security_opt=["no-new-privileges"],
        network_mode="none",
        read_only=True,
        init=True,
        pids_limit=64,
        healthcheck={"test": ["NONE"]},
    )
