#!/usr/bin/env bash
# The whole story in one go: a healthy system is green; a drill kills the Redis of a copy, the checks find it, the
# runbook's fix mends it and nothing is lost; a load profile is held to its limits; and a page says all of it.
# Whatever happens on the way, nothing stays but the container engine and the reports.
set -uo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.venv/bin:$PATH"
target=deal-scout@local
pages=()

say() { printf '\n=== %s\n' "$*"; }
fail() { printf '\ndemo: %s\n' "$*" >&2; exit 1; }
keep_page() { pages+=("$(readlink -f reports/latest)/index.html"); }

trap 'code=$?; say "Removing it again"; drillbook down deal-scout || code=13; exit $code' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "1. A copy of deal-scout: an API, PostgreSQL, Redis, a Celery worker and beat, a visitor"
drillbook up deal-scout || fail "the copy did not start"

say "2. Is it healthy? Its runbook's limits, judged by pytest checks"
pytest checks --target "$target" -q --no-header || fail "a healthy system must be green"
keep_page

say "3. Redis is killed, in a copy of the drill's own: do the checks find it, does the fix mend it, is anything lost?"
pytest chaos/test_redis_killed.py --target deal-scout -q --no-header || fail "the drill must come out"
keep_page

say "4. Does it hold its p95 under load?"
pytest load --target "$target" --profile demo -q --no-header || fail "the profile must hold its limits"
keep_page

say "All of it came out. What was measured, on a page each: checks, drill, load"
printf '%s\n' "${pages[@]}"
