#!/usr/bin/env bash
# Makes .venv with everything Drillbook and its tests import. Called by make; takes the Python to use, and after how many
# seconds of silence it says how far it is (5).
set -euo pipefail
cd "$(dirname "$0")"
python=${1:-python3} every=${2:-5}

say() { printf 'set-up: %s\n' "$*"; }
stop() { say "$*" >&2; exit 1; }

log=$(mktemp)
teller= packages=
hush() { [ -z "$teller" ] || { kill "$teller"; wait "$teller"; } 2>/dev/null || true; teller=; }
trap 'hush; rm -f "$log"' EXIT

# Runs a program that would be silent for long; its output goes to a log, whose last line tells how far it is.
slowly() {
    local what=$1 began=$SECONDS
    shift
    while sleep "$every" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
        there=$(find .venv -maxdepth 5 -name '*.dist-info' 2>/dev/null | wc -l) || true
        line=$(tail -n 1 "$log" | tr -d '\000-\037\177' | cut -c 1-80)
        say "… $what: $((SECONDS - began)) s so far${packages:+, $there of about $packages packages}${line:+ ($line)}"
    done &
    teller=$!
    "$@" >"$log" 2>&1 </dev/null || { hush; tail -n 15 "$log" >&2; stop "$what: failed"; }
    hush
}

command -v "$python" >/dev/null || stop "there is no $python: install Python 3.11 or later, or say make PYTHON=/path/to/python3"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$python is Python $version, and 3.11 is the oldest that works: say make PYTHON=/path/to/python3"

# Debian and Ubuntu keep venv's pip in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$version-venv"
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || stop "$python cannot make virtual environments: apt-get install $package"
    say "installing $package, without which $python cannot make virtual environments"
    slowly "apt-get update" apt-get update
    slowly "apt-get install $package" env DEBIAN_FRONTEND=noninteractive apt-get install --yes "$package"
fi

say "making .venv with Python $version"
[ -x .venv/bin/python ] && .venv/bin/python -c 'import sys' 2>/dev/null || slowly "making .venv" "$python" -m venv --clear .venv
say "installing what pyproject.toml asks for, in the versions of constraints.txt: half a minute where the network is fast"
packages=$(($(grep -c == constraints.txt) + 3)) # with pip, setuptools and Drillbook itself
pip() { slowly "$1" .venv/bin/python -m pip install --progress-bar off --disable-pip-version-check "${@:2}"; }
pip "renewing pip" --upgrade 'pip>=25.1'
pip "installing" --constraint constraints.txt --editable '.[all]' --group dev
