"""Build images with the engine's own builder; its output goes to a log whose end is shown on failure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drillbook.doctor import apt, base, inputs
from drillbook.doctor.machine import Machine
from drillbook.doctor.missing import Missing
from drillbook.doctor.program import log_file
from drillbook.doctor.say import last_lines, say, step


def standin(client: Any, name: str, machine: Machine) -> None:
    """Build the stand-in for an official image from Debian packages; raise Missing where that fails."""
    base.ensure(client, machine)
    with step(f"{name}: building a stand-in from Debian packages"):
        tag, folder = inputs.standin_tag(name), inputs.STANDINS / name
        build(client, folder, tag=tag, arguments={"BASE": inputs.base_tag(), **apt.proxies()})


def build(client: Any, folder: Path, *, tag: str, arguments: Mapping[str, str]) -> None:
    """Build a folder's Dockerfile under a tag; raise Missing, with the log's end said, where that fails."""
    log = log_file(tag.partition("/")[2].partition(":")[0])
    # The classic builder through the SDK: works with every engine and needs no buildx plugin.
    events = client.api.build(
        path=str(folder),
        tag=tag,
        buildargs=dict(arguments),
        network_mode="host",  # the machine's own resolver and route to its mirror
        rm=True,
        forcerm=True,
        decode=True,
    )
    error = _write(events, log)
    if error:
        say(last_lines(log))
        raise Missing(f"{tag}: the build failed: see {log}")


def _write(events: Any, log: Path) -> str:
    with log.open("w") as output:
        for event in events:
            output.write(event.get("stream") or event.get("error") or "")
            output.flush()  # whoever asks how far it is reads the log
            if "error" in event:
                return str(event["error"])
    return ""
