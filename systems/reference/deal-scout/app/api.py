"""The backend: `python -m app.api` serves deals to read, orders to write and jobs to enqueue, on port 8000."""

from __future__ import annotations

from app.deals import Deals
from app.orders import Orders
from app.settings import SETTINGS
from app.worker import NOTIFY, SCAN, celery_app
from standin import logs
from standin.api import application
from standin.cache import Cache, connect
from standin.health import Health
from standin.jobs import Jobs
from standin.pool import Database
from standin.serving import serve

database = Database(SETTINGS, name="backend")
redis = connect(SETTINGS.redis_url)
cache = Cache(redis, SETTINGS.cache_seconds)

app = application(
    [
        *Deals(database, cache).routes(),
        *Orders(database).routes(),
        *Jobs(celery_app, database, {"scan": SCAN, "notify": NOTIFY}).routes(),
        *Health(database, redis).routes(),
    ],
    database=database,
    trouble_token=SETTINGS.trouble_token,
)


def main() -> None:
    """Serve until told to end."""
    logs.configure(SETTINGS.log_file)
    serve(app)


if __name__ == "__main__":
    main()
