"""The machine under the doctor: which distribution, who we are, who starts services here."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

# A user's shell often has no sbin on its PATH; dockerd and iptables live there.
SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


@dataclass(frozen=True)
class Machine:
    """The facts that decide what the doctor may do here."""

    distribution: str  # "debian", "ubuntu", or another os-release ID
    codename: str
    root: bool
    systemd: bool
    terminal: bool

    @property
    def has_apt(self) -> bool:
        """Whether Debian packages can be fetched here."""
        return self.distribution in {"debian", "ubuntu"}

    @property
    def may_install(self) -> bool:
        """Whether the doctor may install packages here."""
        return self.has_apt and self.root


def this_machine() -> Machine:
    """Read the facts of the machine that we run on."""
    release = _os_release()
    return Machine(
        distribution=release.get("ID", "unknown"),
        codename=release.get("VERSION_CODENAME", ""),
        root=os.geteuid() == 0,
        systemd=process_name(1) == "systemd",
        terminal=sys.stdin.isatty(),
    )


def process_name(pid: int) -> str:
    """Return the name of a running process, empty where there is none."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def state_folder() -> Path:
    """Return the folder for the doctor's logs and lock, made if need be."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = home / "drillbook"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
