"""The visitor of scraper-platform: `python -m app.visitor` mostly asks what is trending, and says who asks."""

from app.settings import PLATFORMS
from standin import logs
from standin.visitor import visit

TRENDING = [f"/api/trending?platform={platform}" for platform in PLATFORMS]
LATEST = [f"/api/posts/latest?platform={platform}" for platform in PLATFORMS]
ROUND = [path for latest in LATEST for path in (*TRENDING, latest)]
WELL = ["http://backend:8000/health"]  # a visit before that is an error in the log

if __name__ == "__main__":
    logs.configure(None)
    visit("http://backend:8000", ROUND, after=WELL, headers=[{"X-Request-ID": "visitor-1"}], per_second=4.0)
