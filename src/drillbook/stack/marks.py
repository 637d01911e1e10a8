"""How a copy's things are marked: its compose project, its labels, and the tags of the images that it builds."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.stack.plan import BUILT_LABEL, BUILT_TAG_LABEL, PROJECT_LABEL
from drillbook.supervisor.owner import LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Marks:
    """What a copy's things are called and labelled: the compose project, and the labels of everything in it."""

    project: str
    labels: Mapping[str, str]

    @property
    def owner(self) -> str:
        """The value of the label `drillbook`."""
        return self.labels[LABEL]

    def of_image(self, tag: str) -> dict[str, str]:
        """The labels of an image that is built: others than a container's, which inherits those of its image."""
        ours = {name.replace(LABEL, BUILT_LABEL, 1): value for name, value in self.labels.items()}
        return {**ours, BUILT_TAG_LABEL: tag, PROJECT_LABEL: self.project}

    def tag(self, service: str) -> str:
        """What the image of a service that is built is called."""
        plain = re.sub(r"[^a-z0-9]+", "-", service.lower()).strip("-")
        tail = "" if plain == service else f"-{hashlib.sha256(service.encode()).hexdigest()[:6]}"
        return f"{self.project}-{plain}{tail}"
