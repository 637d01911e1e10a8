"""The tables of social-analytics, revision by revision."""

from __future__ import annotations

from standin import scheduler
from standin.migrations import Revision

REVISIONS = [
    Revision(
        "0001",
        None,
        (
            """
            CREATE TABLE followers (
                id       bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
                platform text NOT NULL,
                account  text NOT NULL,
                count    integer NOT NULL,
                at       timestamptz NOT NULL DEFAULT now()
            )
            """,
            """
            INSERT INTO followers (platform, account, count, at)
            SELECT platform, 'account' || account, 100 * account + hour, now() - hour * interval '1 hour'
            FROM unnest(ARRAY['twitch', 'twitter']) AS platform, generate_series(1, 20) AS account,
                generate_series(0, 48) AS hour
            """,
            *scheduler.TABLES,
            """
            INSERT INTO jobs (id, name, platform, interval_minutes) VALUES
                (1, 'twitch-followers', 'twitch', 0.1), (2, 'twitch-streams', 'twitch', 0.1),
                (3, 'twitter-followers', 'twitter', 0.1)
            """,
        ),
    ),
    Revision("0002", "0001", ("CREATE INDEX followers_of ON followers (platform, account, at)", "ANALYZE followers")),
]
