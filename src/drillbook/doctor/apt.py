"""Debian packages: install them, or fetch one and unpack it without touching the machine's apt."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from drillbook.doctor.machine import Machine
from drillbook.doctor.missing import Missing
from drillbook.doctor.program import logged, output_of

ARCHIVES = ("Debian", "Ubuntu")
TARGETS = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)"
PROXIES = {"Acquire::http::Proxy": "http_proxy", "Acquire::https::Proxy": "https_proxy"}


@dataclass(frozen=True)
class Source:
    """One line of the machine's own apt sources that belongs to its distribution."""

    address: str
    suite: str
    component: str

    def line(self, machine: Machine) -> str:
        """Return the source as a line for a sources.list, signed by the distribution's own keyring."""
        keyring = f"/usr/share/keyrings/{machine.distribution}-archive-keyring.gpg"
        return f"deb [signed-by={keyring}] {self.address} {self.suite} {self.component}"


def install(*packages: str) -> None:
    """Install packages without their recommendations; the lists are renewed first."""
    command = f"apt-get install {' '.join(packages)}"
    logged(["apt-get", "update"], log="apt", next_step="apt-get update")
    logged(["apt-get", "install", "-y", "--no-install-recommends", *packages], log="apt", next_step=command)


def sources(machine: Machine) -> list[Source]:
    """Return the machine's sources of its distribution's main archive; raise Missing where it has none."""
    found = _sources(machine)
    if not found:
        logged(["apt-get", "update"], log="apt", next_step="apt-get update")
        found = _sources(machine)
    if not found:
        raise Missing(f"apt has no source for {machine.codename} main: see /etc/apt/sources.list and apt-get update")
    return found


def date_settings() -> list[str]:
    """Return what this machine's apt makes of a mirror's dates; an apt in an image needs the same."""
    return [f'{name} "{value}"' for name, value in _settings() if name.startswith("Acquire::Check-")]


def proxies() -> dict[str, str]:
    """Return the machine's apt proxies as the environment variables that apt reads."""
    return {PROXIES[name]: value for name, value in _settings() if name in PROXIES}


def unpack(package: str, sources: list[str], into: Path) -> None:
    """Fetch a package from the given sources with a private apt, and unpack it into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        private = _private_apt(Path(folder), sources)
        help_ = f"apt-get download {package}"
        logged(["apt-get", *private, "update"], log="apt", next_step="apt-get update")
        logged(
            ["sh", "-c", f'cd "$0" && apt-get "$@" download {package}', folder, *private], log="apt", next_step=help_
        )
        for archive in Path(folder).glob("*.deb"):
            logged(["dpkg-deb", "-x", str(archive), str(into)], log="apt", next_step=help_)


def _sources(machine: Machine) -> list[Source]:
    text = output_of(["apt-get", "indextargets", "--format", TARGETS, "Created-By: Packages"]) or ""
    wanted = {machine.codename + pocket for pocket in ("", "-updates", "-security")}
    rows = [line.split() for line in dict.fromkeys(text.splitlines())]
    return [
        Source(row[0], row[1], row[2])
        for row in rows
        if len(row) == 4 and row[1] in wanted and row[2] in {"main", "universe"} and row[3] in ARCHIVES
    ]


def _settings() -> list[tuple[str, str]]:
    dump = output_of(["apt-config", "dump"]) or ""
    rows = [line.removesuffix(";").partition(" ") for line in dump.splitlines()]
    return [(name, value.strip('"')) for name, _, value in rows]


def _private_apt(folder: Path, sources: list[str]) -> list[str]:
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "sources.list").write_text("\n".join(sources) + "\n")
    private = {
        "Dir::Etc::SourceList": f"{folder}/sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State::Lists": f"{folder}/lists",
        "Dir::Cache": f"{folder}/cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",  # _apt may not enter our private folder
    }
    return [word for name, value in private.items() for word in ("-o", f"{name}={value}")]
