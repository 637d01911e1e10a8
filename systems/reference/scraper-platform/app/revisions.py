"""The tables of scraper-platform."""

from __future__ import annotations

from standin.migrations import Revision

REVISIONS = [
    Revision(
        "0001",
        None,
        (
            """
            CREATE TABLE snapshots (
                id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
                platform   text NOT NULL,
                post       text NOT NULL,
                score      integer NOT NULL,
                scraped_at timestamptz NOT NULL DEFAULT now()
            )
            """,
            """
            INSERT INTO snapshots (platform, post, score, scraped_at)
            SELECT platform, 'post' || post, 10 * post + hour, now() - hour * interval '1 hour'
            FROM unnest(ARRAY['reddit', 'youtube', 'mastodon']) AS platform, generate_series(1, 20) AS post,
                generate_series(0, 24) AS hour
            """,
            "CREATE INDEX snapshots_of ON snapshots (platform, scraped_at)",
            """
            CREATE TABLE scrapes (
                id       bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
                platform text NOT NULL,
                outcome  text NOT NULL,
                at       timestamptz NOT NULL DEFAULT now()
            )
            """,
            "CREATE INDEX scrapes_of ON scrapes (platform, id)",
            "CREATE TABLE breakers (platform text PRIMARY KEY, state text NOT NULL)",
            """
            CREATE TABLE job_runs (
                id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
                task        text NOT NULL,
                status      text NOT NULL,
                started_at  timestamptz NOT NULL DEFAULT now(),
                finished_at timestamptz
            )
            """,
            "CREATE INDEX job_runs_of ON job_runs (started_at)",
            """
            CREATE TABLE oncall (
                engineer text NOT NULL,
                phone    text NOT NULL,
                since    timestamptz NOT NULL DEFAULT now(),
                until    timestamptz NOT NULL DEFAULT 'infinity'
            )
            """,
            "INSERT INTO oncall (engineer, phone) VALUES ('Ada Example', '+1 555 0100')",
        ),
    ),
]
