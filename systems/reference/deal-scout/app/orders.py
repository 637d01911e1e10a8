"""Orders to write: acknowledged after commit, once per key, and listed so that nobody need believe it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from psycopg.errors import ForeignKeyViolation
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from standin.handlers import in_thread

if TYPE_CHECKING:
    from standin.handlers import Call
    from standin.pool import Database

INSERT = """
    INSERT INTO orders (deal_id, buyer, key) VALUES (%(deal_id)s, %(buyer)s, %(key)s)
    ON CONFLICT (key) DO NOTHING RETURNING id
"""
BY_KEY = "SELECT id FROM orders WHERE key = %(key)s"
FIELDS = "SELECT id, key, deal_id, buyer, placed_at::text FROM orders "
GET = FIELDS + "WHERE id = %(id)s"
SINCE = FIELDS + "WHERE id > %(since)s ORDER BY id LIMIT %(limit)s"


class Orders:
    """The routes under /orders."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/orders", in_thread(self.place), methods=["POST"]),
            Route("/orders", in_thread(self.since), methods=["GET"]),
            Route("/orders/{id:int}", in_thread(self.get)),
        ]

    def place(self, call: Call) -> JSONResponse:
        """Answer 201 after the commit; 200 with the same id when the key was used before."""
        order = {
            "deal_id": call.field("deal_id", int),
            "buyer": call.field("buyer", str),
            "key": str(call.body.get("key") or uuid.uuid4()),
        }
        created = self._insert(order)
        if created:
            return JSONResponse({"order": created[0]["id"]}, status_code=201)
        return JSONResponse({"order": self.database.rows(BY_KEY, order)[0]["id"]})

    def get(self, call: Call) -> JSONResponse:
        """Answer GET /orders/ID."""
        found = self.database.rows(GET, {"id": call.path["id"]})
        if not found:
            raise HTTPException(404, "no such order")
        return JSONResponse(found[0])

    def since(self, call: Call) -> JSONResponse:
        """List the orders after an id, oldest first."""
        return JSONResponse({"orders": self.database.rows(SINCE, call.page())})

    def _insert(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        try:
            return self.database.rows(INSERT, order)
        except ForeignKeyViolation as error:
            raise HTTPException(422, "no such deal") from error
