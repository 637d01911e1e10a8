"""Which kind of service an image of a compose file is, by what it is called; and those that no kind is for."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """Images called so (the last part of their name): of that kind and role, at that port, asked by that scheme."""

    names: str
    kind: str
    port: int
    scheme: str
    roles: tuple[str, ...] = ()


KNOWN = (
    Known(r"postgres(ql)?|postgis|pgvector|timescaledb(-ha)?|pg\d*", "postgres", 5432, "postgresql", ("database",)),
    Known(r"redis(-stack(-server)?)?|valkey|keydb|dragonfly", "redis", 6379, "redis"),
    Known(r"node[-_]exporter", "host", 9100, "http"),
    Known(r"prometheus", "prometheus", 9090, "http"),
    Known(r"loki", "loki", 3100, "http"),
    Known(r"mailhog|mailpit|maildev|mailcatcher", "smtp", 1025, "smtp", ("mail",)),
    Known(r"postfix|exim4?|opensmtpd", "smtp", 25, "smtp", ("mail",)),
)
# Kinds that Drillbook has not: a service of theirs is a part of the health page, or a signal.
UNKNOWN = re.compile(
    r"mysql|mariadb|percona|mongo(db)?|rabbitmq|kafka|zookeeper|nats|memcached|elasticsearch|opensearch|minio|"
    r"clickhouse|cassandra|etcd|vault|influxdb|neo4j|cockroach(db)?|localstack|sentinel|pgbouncer|sqs|elasticmq"
)
# What answers by HTTP and is not the application: proxies and tools.
TOOLS = re.compile(
    r"nginx|traefik|caddy|haproxy|envoy|httpd|varnish|adminer|pgadmin4?|phpmyadmin|redis-?commander|redisinsight|"
    r"flower|grafana|alertmanager|cadvisor|jaeger|zipkin|kibana|portainer|watchtower|certbot|selenium|.*[-_]exporter"
)


def short(image: str) -> str:
    """`postgres` of `docker.io/library/postgres:16@sha256:…`."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()


def by_name(image: str) -> Known | None:
    """The kind of service that the image is by its name, where there is one."""
    return next((one for one in KNOWN if re.fullmatch(one.names, short(image))), None)


def known(kind: str) -> Known:
    """What the images of that kind are known by."""
    return next(one for one in KNOWN if one.kind == kind)
