#!/usr/bin/env bash
# Makes .venv with everything Drillbook and its tests import. Called by make; takes the Python to use.
set -euo pipefail
cd "$(dirname "$0")"
python=${1:-python3}

say() { printf 'set-up: %s\n' "$*"; }
stop() { say "$*" >&2; exit 1; }

command -v "$python" >/dev/null || stop "there is no $python: install Python 3.11 or later, or say make PYTHON=/path/to/python3"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$python is Python $version, and 3.11 is the oldest that works: say make PYTHON=/path/to/python3"

# Debian and Ubuntu keep venv's pip in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$version-venv"
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || stop "$python cannot make virtual environments: apt-get install $package"
    say "installing $package, without which $python cannot make virtual environments"
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes "$package"; } >/dev/null || stop "apt-get install $package failed"
fi

say "making .venv with Python $version"
[ -x .venv/bin/python ] && .venv/bin/python -c 'import sys' 2>/dev/null || "$python" -m venv --clear .venv
say "installing what pyproject.toml asks for, in the versions of constraints.txt"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group dev
