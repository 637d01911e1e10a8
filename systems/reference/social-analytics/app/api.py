"""The backend: `python -m app.api` serves analytics and jobs to who has the token, and runs the jobs; on port 8000."""

from __future__ import annotations

import signal

from starlette.applications import Starlette
from starlette.middleware import Middleware

from app.analytics import Analytics
from app.health import Health
from app.monitoring import Monitoring
from app.revisions import REVISIONS
from app.secrets import Secrets
from app.settings import SETTINGS, TOKEN
from standin import logs
from standin.api import ANSWERS, lifespan_of
from standin.cache import Cache, connect
from standin.migrations import Migrations
from standin.pool import Database
from standin.scheduler import Jobs, Scheduler
from standin.serving import serve
from standin.token import Authorised
from standin.trouble import Trouble, Troubled

database = Database(SETTINGS, name="backend")
redis = connect(SETTINGS.redis_url)
migrations = Migrations(database, REVISIONS)
secrets = Secrets()
scheduler = Scheduler(database, Monitoring(database, secrets))


def application() -> Starlette:
    """Return the application: it counts nothing and has no page of figures."""
    edge = [Middleware(Authorised, token=TOKEN)]
    health = Health(database, redis, migrations, scheduler=scheduler, secrets=secrets)
    cache = Cache(redis, SETTINGS.cache_seconds)
    routes = [*health.routes(), *Analytics(database, cache).routes(edge), *Jobs(database).routes(edge)]
    middleware = []
    if SETTINGS.trouble_token:
        trouble = Trouble(database, SETTINGS.trouble_token)
        routes += trouble.routes()
        middleware.append(Middleware(Troubled, trouble=trouble))
    return Starlette(routes=routes, middleware=middleware, exception_handlers=ANSWERS, lifespan=lifespan_of(database))


def main() -> None:
    """Serve until told to end. SIGUSR1 ends the scheduler alone, SIGUSR2 has it go on."""
    logs.configure(SETTINGS.log_file)
    signal.signal(signal.SIGUSR1, lambda *_: scheduler.on.clear())
    signal.signal(signal.SIGUSR2, lambda *_: scheduler.on.set())
    migrations.upgrade_when_possible()
    scheduler.start()
    serve(application())


if __name__ == "__main__":
    main()
