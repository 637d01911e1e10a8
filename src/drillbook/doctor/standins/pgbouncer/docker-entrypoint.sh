#!/bin/sh
# Writes PgBouncer's settings from the environment where nobody has mounted any, and then becomes PgBouncer.
set -eu

folder=/etc/pgbouncer

# Prints a setting of PgBouncer, where the variable of its name in capitals is set.
setting() {
    variable=$(echo "$1" | tr '[:lower:]' '[:upper:]')
    eval "value=\${$variable:-${2:-}}"
    [ -z "$value" ] || echo "$1 = $value"
}

write_settings() {
    echo "[databases]"
    echo "${DB_NAME:-*} = host=${DB_HOST:?the server behind it} port=${DB_PORT:-5432}"
    echo "[pgbouncer]"
    echo "auth_file = $folder/userlist.txt"
    setting listen_addr 0.0.0.0
    setting listen_port 5432
    setting unix_socket_dir
    setting auth_type md5
    setting ignore_startup_parameters extra_float_digits
    for name in pool_mode max_client_conn default_pool_size min_pool_size reserve_pool_size admin_users stats_users \
        server_lifetime server_idle_timeout server_connect_timeout server_login_retry query_wait_timeout \
        query_timeout client_idle_timeout client_login_timeout max_db_connections; do
        setting $name
    done
}

umask 077
: "${DB_USER:=postgres}"
if [ ! -e $folder/userlist.txt ]; then
    printf '"%s" "%s"\n' "$DB_USER" "${DB_PASSWORD:-}" >$folder/userlist.txt
fi
if [ ! -e $folder/pgbouncer.ini ]; then
    write_settings >$folder/pgbouncer.ini
fi

exec "$@"
