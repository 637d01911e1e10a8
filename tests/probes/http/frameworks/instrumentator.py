"""A FastAPI application with prometheus-fastapi-instrumentator, as its documentation has it."""

from fastapi import FastAPI, Response
from prometheus_fastapi_instrumentator import Instrumentator

app = FastAPI()


@app.get("/health")
def health():
    """Say that all is well."""
    return {"status": "ok"}


@app.get("/deals")
def deals(response: Response, fail: bool = False):
    """Fail where that is asked for."""
    response.status_code = 500 if fail else 200
    return {"deals": [1]}


Instrumentator().instrument(app).expose(app)
