"""A Starlette application with starlette_exporter, as its documentation has it."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette_exporter import PrometheusMiddleware, handle_metrics


def health(_):
    """Say that all is well."""
    return JSONResponse({"status": "ok"})


def deals(request):
    """Fail where that is asked for."""
    return JSONResponse({"deals": [1]}, status_code=500 if "fail" in request.query_params else 200)


app = Starlette(routes=[Route("/health", health), Route("/deals", deals)])
app.add_middleware(PrometheusMiddleware)
app.add_route("/metrics", handle_metrics)
