#!/usr/bin/env bash
# Makes sure of a headless Chromium for the tests of the report page; says nothing where there is one.
set -euo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null && exit 0
done

if ! grep -qs '^ID=debian' /etc/os-release || [ "$(id -u)" != 0 ]; then
  echo "tests/browser.sh: no Chromium on the PATH: install it (on Debian: apt-get install chromium; or Google Chrome)" >&2
  exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing Chromium for the tests of the report page ..."
install="apt-get install --yes --quiet --no-install-recommends chromium"
if ! { $install || { apt-get update --quiet && $install; }; } >"$log" 2>&1 </dev/null; then
  tail -n 5 "$log" >&2
  echo "tests/browser.sh: apt-get could not install chromium: install it by hand" >&2
  exit 1
fi
