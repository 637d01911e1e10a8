"""What addresses set beside place, login and database, by who reads it: a client, or the application alone."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# libpq's, in lower letters as all of these.
LIBPQ = _names("""
application_name channel_binding client_encoding connect_timeout fallback_application_name gssdelegation gssencmode
gsslib keepalives keepalives_count keepalives_idle keepalives_interval krbsrvname load_balance_hosts
max_protocol_version min_protocol_version options passfile password replication require_auth requirepeer service
servicefile sslcert sslcertmode sslcompression sslcrl sslcrldir sslkey sslmode sslnegotiation sslpassword
sslrootcert sslsni target_session_attrs tcp_user_timeout
dbname host hostaddr port user
""")
# redis-py's.
REDIS = _names("""
client_name db health_check_interval max_connections password protocol retry_on_timeout socket_connect_timeout
socket_keepalive socket_timeout ssl_ca_certs ssl_ca_path ssl_cert_reqs ssl_certfile ssl_check_hostname ssl_ciphers
ssl_keyfile ssl_min_version ssl_password timeout username
""")
# How asyncpg, JDBC and others ask for TLS.
TLS = _names("ssl sslaccept sslmode ssl_mode tls")
# What only the application's own driver, pool or ORM understands: SQLAlchemy and asyncpg, Django, Rails, Prisma,
# node-postgres, pgx, JDBC, Npgsql.
OF_POSTGRES_APPLICATIONS = _names("""
async_fallback autosave binarytransfer cachemode checkout_timeout command_timeout conn_health_checks conn_max_age
connection_limit connectionidlelifetime connectiontimeout connecttimeout currentschema databasemetadatacachefields
default_query_exec_mode defaultrowfetchsize description_cache_capacity disable_server_side_cursors encoding
enlist idle_timeout idletimeoutmillis includeerrordetail keepalive loggerlevel logintimeout
max max_cached_statement_lifetime max_overflow max_size maximumpoolsize maxpoolsize min_size minimumpoolsize minpoolsize
multiplexing noresetonclose pgbouncer pool pool_health_check_period pool_max_conn_idle_time
pool_max_conn_lifetime pool_max_conns pool_min_conns pool_pre_ping pool_recycle pool_size pool_timeout pooling
prepared_statement_cache_size prepared_statement_name_func prepared_statements preparethreshold persistsecurityinfo
reaping_frequency reconnect rewritebatchedinserts schema search_path searchpath server_settings socket_timeout
sockettimeout sslidentity statement_cache_capacity statement_cache_size statement_timeout stringtype targetservertype
tcpkeepalive timeout timezone trustservercertificate uselibpqcompat
""")
# The same for Redis: kombu's transport options, Django's and Flask's caches, ioredis, Lettuce, go-redis.
OF_REDIS_APPLICATIONS = _names("""
abortconnect client_class clientname connect_timeout connecttimeout decode_responses default_timeout dial_timeout
encoding enablereadycheck family fanout_patterns fanout_prefix global_keyprefix heartbeat idle_timeout
key_prefix keyprefix maxretriesperrequest max_retries min_idle_conns parser_class pool_class pool_size pool_timeout
prefix priority_steps queue_order_strategy read_timeout retry_policy sep socket_connect_retry virtual_host
visibility_timeout write_timeout
""")
SETTINGS = (LIBPQ | REDIS | TLS | OF_POSTGRES_APPLICATIONS | OF_REDIS_APPLICATIONS) - _names("""
db dbname host hostaddr passfile password port ssl_password sslpassword user username virtual_host
""")
