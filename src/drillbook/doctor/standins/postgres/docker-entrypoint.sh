#!/bin/bash
# Prepares a cluster on the first start and then becomes the server.
set -euo pipefail

fail() {
    echo "$1" >&2
    exit 1
}

# Fills NAME from the file that NAME_FILE names; a default serves where neither is set.
from_file() {
    local name=$1 file_name=${1}_FILE default=${2:-}
    if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then
        fail "$name and $file_name are both set: keep one"
    fi
    local value=${!name:-$default}
    if [ -n "${!file_name:-}" ]; then
        value=$(<"${!file_name}")
    fi
    export "$name=$value"
    unset "$file_name"
}

read_settings() {
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=scram-sha-256}"
}

own_the_folders() {
    mkdir -p "$PGDATA" /run/postgresql
    chmod 0700 "$PGDATA"
    find "$PGDATA" /run/postgresql \! -user postgres -exec chown postgres:postgres {} +
}

refuse_an_empty_password() {
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
        fail "no superuser password: set POSTGRES_PASSWORD (or POSTGRES_HOST_AUTH_METHOD=trust, to let everybody in)"
    fi
}

create_cluster() {
    # Unquoted on purpose: POSTGRES_INITDB_ARGS holds several words.
    # shellcheck disable=SC2086
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
        --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust $POSTGRES_INITDB_ARGS
    echo "host all all all $POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
}

ask() {
    psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"
}

create_database() {
    if [ "$POSTGRES_DB" != postgres ]; then
        ask --dbname postgres --set name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
    fi
}

run_init_folder() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
            *.sql) ask --dbname "$POSTGRES_DB" --file "$file" ;;
            *.sql.gz) gunzip -c "$file" | ask --dbname "$POSTGRES_DB" ;;
        esac
    done
}

# Until the cluster is complete its server answers on the socket only, so nobody connects to half of one.
initialise() {
    create_cluster
    # PGPASSWORD for scripts of the init folder that dial by themselves, as with the official image.
    export PGPASSWORD=$POSTGRES_PASSWORD
    pg_ctl --wait start -o "-c listen_addresses='' -p 5432"
    create_database
    run_init_folder
    pg_ctl --wait --mode=fast stop
    unset PGPASSWORD
}

if [ "${1:0:1}" = - ]; then
    set -- postgres "$@"
fi

for word in "$@"; do
    case $word in
        --version | -V | --help | -\? | --describe-config) exec "$@" ;;
    esac
done

if [ "${1:-}" = postgres ]; then
    if [ "$(id -u)" = 0 ]; then
        own_the_folders
        exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
    fi
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
        read_settings
        refuse_an_empty_password
        initialise
    fi
fi

exec "$@"
