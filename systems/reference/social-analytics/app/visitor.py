"""The visitor of social-analytics: `python -m app.visitor` looks at both platforms, twice a second."""

from app.settings import PLATFORMS, TOKEN
from standin import logs
from standin.visitor import visit

PAGES = [f"/api/analytics/{platform}" for platform in PLATFORMS]
WELL = ["http://backend:8000/health/detailed"]  # a visit before that is an error in the log

if __name__ == "__main__":
    logs.configure(None)
    headers = [{"Authorization": f"Bearer {TOKEN}"}]
    visit("http://backend:8000", PAGES, after=WELL, headers=headers, per_second=2.0)
