"""What a PostgreSQL server is asked, in the order in which it is asked: statements that only look."""

from __future__ import annotations

# set_config(…, true) lasts as long as the transaction
TIMEOUTS = """
SELECT set_config('statement_timeout', %(milliseconds)s, true), set_config('lock_timeout', %(waiting)s, true),
       set_config('idle_in_transaction_session_timeout', '10s', true)
"""
IDENTITY = """
SELECT current_database()::text AS database, current_user::text AS role, pg_is_in_recovery() AS recovering,
       current_setting('default_transaction_read_only') = 'on' AS read_only
"""
CAN_WRITE = """
WITH tables AS (
  SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
)
SELECT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
         OR EXISTS (SELECT FROM tables WHERE has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS can_write,
       NOT EXISTS (SELECT FROM tables)
         AND coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS can_begin
"""
# What of others' sessions is hidden from a role without pg_monitor shows as a NULL backend_type.
ACTIVITY = """
WITH clients AS (
  SELECT * FROM pg_catalog.pg_stat_activity
  WHERE application_name <> 'drillbook'
    AND (backend_type = 'client backend' OR (backend_type IS NULL AND usesysid IS NOT NULL))
), here AS (SELECT * FROM clients WHERE datname = current_database())
SELECT (SELECT count(*) FROM clients) AS clients,
       (SELECT count(*) FROM clients WHERE usename = %(role)s) AS of_role,
       (SELECT count(*) FROM here) AS of_database,
       (SELECT count(*) FROM here WHERE backend_type IS NULL) AS hidden,
       (SELECT count(*) FROM here WHERE state LIKE 'idle in transaction%%') AS idle,
       (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)::float8
          FROM here WHERE state LIKE 'idle in transaction%%') AS oldest_idle,
       (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float8
          FROM here WHERE state = 'active') AS longest_query,
       (SELECT count(*) FROM here WHERE wait_event_type = 'Lock') AS waiting
"""
ROOM = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true), '0')::int AS server,
       (SELECT rolconnlimit FROM pg_catalog.pg_roles WHERE rolname = %(role)s) AS role,
       (SELECT datconnlimit FROM pg_catalog.pg_database WHERE datname = current_database()) AS database
"""
SIZE = "SELECT pg_database_size(current_database()) AS bytes"

STATEMENTS = {
    "timeouts": TIMEOUTS,
    "identity": IDENTITY,
    "can_write": CAN_WRITE,
    "activity": ACTIVITY,
    "room": ROOM,
    "size": SIZE,
}
