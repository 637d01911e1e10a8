#!/usr/bin/env bash
# The story in one go: a healthy system is green, a hand stops its Redis, the checks say so, it comes back.
# Whatever happens on the way, nothing of it stays but the container engine.
set -uo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.venv/bin:$PATH"
target=deal-scout@local

say() { printf '\n=== %s\n' "$*"; }
check() { pytest checks --target "$target" -q --no-header; }
fail() { printf '\ndemo: %s\n' "$*" >&2; exit 1; }

trap 'code=$?; say "Removing it again"; drillbook down deal-scout || code=13; exit $code' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "Starting a copy of deal-scout: an API, PostgreSQL, Redis, a Celery worker and beat, a visitor"
said=$(drillbook up deal-scout | tee >(cat >&2)) || fail "the copy did not start"
project=$(sed -n 's/.*compose project \([a-z0-9-]*\).*/\1/p' <<<"$said")

say "Is it healthy? Every check is green"
check || fail "a healthy system must be green"

say "A hand stops Redis. Do the checks say so?"
docker compose --project-name "$project" stop redis || fail "Redis could not be stopped"
check
[ $? -eq 1 ] || fail "with Redis stopped the checks must exit with 1"

say "Redis is started again"
docker compose --project-name "$project" start redis || fail "Redis could not be started"
drillbook up deal-scout || fail "it did not become warm again"
check || fail "with Redis back it must be green"

say "That is the whole line, from a limit in systems/deal-scout/system.toml to an exit code"
echo "What the last run found: $(readlink -f reports/latest)/summary.md"
