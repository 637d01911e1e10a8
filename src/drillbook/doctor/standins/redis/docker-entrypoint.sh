#!/bin/sh
# Becomes redis-server as the user redis, reachable from outside unless a setting says otherwise.
set -eu

case ${1:-} in
    -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis:redis {} +
    exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
fi

# The official build has protected mode off: what a container publishes must answer. Debian's has it on.
# The flag goes first, so that a later one of the user's wins, or else after a file that does not mention it.
if [ "${1:-}" = redis-server ]; then
    shift
    case ${1:-} in
        --version | -v | --help | -h | --test-memory | --check-system) ;;
        -*) set -- --protected-mode no "$@" ;;
        '') set -- --protected-mode no ;;
        *)
            if ! grep -qi '^[[:space:]]*protected-mode' "$1"; then
                file=$1
                shift
                set -- "$file" --protected-mode no "$@"
            fi
            ;;
    esac
    set -- redis-server "$@"
fi

exec "$@"
