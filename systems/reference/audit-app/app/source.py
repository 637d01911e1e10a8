"""The government's site that documents come from, as its users see it: `python -m app.source`, on port 8000."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from standin.serving import serve
from standin.upstream import application

if TYPE_CHECKING:
    from starlette.requests import Request

COUNTIES = (
    "Mombasa",
    "Kwale",
    "Kilifi",
    "Tana River",
    "Lamu",
    "Taita-Taveta",
    "Garissa",
    "Wajir",
    "Mandera",
    "Nairobi",
)
YEARS = range(2021, 2025)
TITLES = ("Budget implementation review", "Report on the financial statements", "Report on revenue")


async def robots(_: Request) -> PlainTextResponse:
    """Say that programs may ask."""
    return PlainTextResponse("User-agent: *\nAllow: /reports\nCrawl-delay: 0\n")


async def reports(_: Request) -> JSONResponse:
    """List what was published."""
    return JSONResponse({"reports": [report(*one) for one in every()]})


def every() -> list[tuple[int, int, int]]:
    """Return county, year and title of each report."""
    return [(county, year, title) for county in range(len(COUNTIES)) for year in YEARS for title in range(len(TITLES))]


def report(county: int, year: int, title: int) -> dict[str, object]:
    """Return one, the same each time."""
    amount = 1_000_000 + (county * 7919 + year * 104729 + title * 1299709) % 90_000_000
    place = {"county_id": county + 1, "county": COUNTIES[county]}
    return {**place, "fiscal_year": year, "title": TITLES[title], "amount": amount}


if __name__ == "__main__":
    routes = [Route("/robots.txt", robots), Route("/reports", reports)]
    serve(application(routes, os.environ.get("AUDIT_APP_TROUBLE") or None))
