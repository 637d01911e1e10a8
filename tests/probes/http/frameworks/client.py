"""A Flask application that counts with prometheus_client itself; of several processes where it is told a folder."""

import os

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

app = Flask(__name__)
REQUESTS = Counter("http_requests", "Requests.", ["path", "code"])
TOOK = Histogram("http_request_duration_seconds", "How long they took.", ["path"])


@app.get("/health")
def health():
    """Say that all is well."""
    return {"status": "ok"}


@app.get("/deals")
def deals():
    """Fail where that is asked for."""
    code = 500 if "fail" in request.args else 200
    with TOOK.labels("/deals").time():
        REQUESTS.labels("/deals", code).inc()
    return {"deals": [1]}, code


@app.get("/metrics")
def metrics():
    """Tell what this process has counted, or all of them together."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return Response(generate_latest())
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return Response(generate_latest(registry))
