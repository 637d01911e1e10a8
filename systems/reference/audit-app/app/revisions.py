"""The tables of audit-app, revision by revision."""

from __future__ import annotations

from standin import etl
from standin.migrations import Revision

REVISIONS = [
    Revision(
        "0001",
        None,
        (
            "CREATE TABLE counties (id integer PRIMARY KEY, name text NOT NULL UNIQUE)",
            """
            CREATE TABLE documents (
                id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
                county_id   integer NOT NULL REFERENCES counties,
                fiscal_year integer NOT NULL,
                title       text NOT NULL,
                amount      numeric(14, 2) NOT NULL,
                updated_at  timestamptz NOT NULL DEFAULT now(),
                UNIQUE (county_id, fiscal_year, title)
            )
            """,
            etl.TABLE,
        ),
    ),
    Revision(
        "0002",
        "0001",
        (
            """
            CREATE TABLE audit_log (
                id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
                ip_address inet NOT NULL,
                status     integer NOT NULL,
                path       text NOT NULL,
                at         timestamptz NOT NULL DEFAULT now()
            )
            """,
            "CREATE INDEX audit_log_at ON audit_log (at)",
            "CREATE TABLE blocked_addresses (ip_address inet PRIMARY KEY, since timestamptz NOT NULL DEFAULT now())",
        ),
    ),
    Revision(
        "0003",
        "0002",
        (
            "CREATE INDEX idx_documents_county ON documents (county_id)",
            "CREATE INDEX idx_documents_year ON documents (fiscal_year)",
        ),
    ),
]
