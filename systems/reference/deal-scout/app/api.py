"""The backend: `python -m app.api` serves deals to read, orders to write and jobs to enqueue, on port 8000."""

from __future__ import annotations

import uvicorn

from app.deals import Deals
from app.orders import Orders
from app.settings import SETTINGS
from app.worker import NOTIFY, SCAN, celery_app
from standin import logs
from standin.api import application
from standin.cache import Cache, connect
from standin.jobs import Jobs
from standin.pool import Database

STOP_SECONDS = 1  # for requests under way when the process is told to end

database = Database(SETTINGS, name="backend")
redis = connect(SETTINGS.redis_url)
cache = Cache(redis, SETTINGS.cache_seconds)

app = application(
    [
        *Deals(database, cache).routes(),
        *Orders(database).routes(),
        *Jobs(celery_app, database, {"scan": SCAN, "notify": NOTIFY}).routes(),
    ],
    database=database,
    redis=redis,
    trouble_token=SETTINGS.trouble_token,
)


def main() -> None:
    """Serve until told to end."""
    logs.configure(SETTINGS.log_file)
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104 - its container's own network
        port=8000,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


if __name__ == "__main__":
    main()
