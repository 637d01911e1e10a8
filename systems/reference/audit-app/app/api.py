"""The backend: `python -m app.api` serves counties and documents to whoever has the token, on port 8000."""

from __future__ import annotations

import logging

from starlette.middleware import Middleware

from app.documents import Documents
from app.figures import Coded
from app.health import Health
from app.revisions import REVISIONS
from app.settings import CALLS, INTERNAL, INTERNAL_CALLS, RELEASE, SETTINGS, TOKEN
from app.trail import Trail, Trailed
from standin import logs
from standin.api import application
from standin.cache import Cache, connect
from standin.limiter import Limited, Limiter
from standin.migrations import Migrations
from standin.pool import Database
from standin.serving import serve
from standin.token import Authorised

LOG = logging.getLogger("app.api")

database = Database(SETTINGS, name="backend")
redis = connect(SETTINGS.redis_url)
migrations = Migrations(database, REVISIONS)
limiter = Limiter(redis, CALLS, dict.fromkeys(INTERNAL, INTERNAL_CALLS))
trail = Trail(database)
# Only what users ask for is limited: health and metrics are not.
EDGE = [
    Middleware(Trailed, trail=trail),
    Middleware(Limited, limiter=limiter),
    Middleware(Authorised, token=TOKEN),
]

app = application(
    [
        *Documents(database, Cache(redis, SETTINGS.cache_seconds)).routes(EDGE),
        *Health(database, redis, migrations, limiter=limiter).routes(),
    ],
    database=database,
    trouble_token=SETTINGS.trouble_token,
    measured=Coded,
)


def main() -> None:
    """Serve until told to end."""
    logs.configure(SETTINGS.log_file)
    LOG.warning("started: release %s", RELEASE.read_text().strip())
    migrations.upgrade_when_possible()
    trail.start()
    serve(app)


if __name__ == "__main__":
    main()
