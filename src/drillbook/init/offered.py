"""What users may ask for: taken from the OpenAPI document of a service, or its front page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from drillbook.init.words import listed, slug, unused
from drillbook.probes import jsonpath
from drillbook.probes.question import Unmeasured
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from drillbook.init.looking import Seen

# Words of paths that are for others than users, or that might do something though they are asked with GET.
_NOT_ASKED = listed(
    """health healthz healthcheck ready readyz live livez metrics status login logout auth oauth token session callback
    admin internal debug test export download stream events docs openapi schema version me run start stop send sync
    refresh reset delete remove trigger cancel webhook"""
)
MOST = 3


def paths_of(document: Any, asked: Collection[str]) -> list[str]:
    """The paths of an OpenAPI document that anybody may ask, without parameters; those that were asked are left out."""
    if _table(document).get("security"):
        return []
    found = [
        path for path, one in _table(_table(document).get("paths")).items() if _anybody_may(_table(one).get("get"))
    ]
    return [path for path in found if path not in asked and _is_for_users(path)][:MOST]


def _is_for_users(path: str) -> bool:
    """Whether nothing in the path speaks of anything else, and nothing in it has to be filled in."""
    return bool(re.fullmatch(r"/[^\s{}]+", path)) and not {*re.split(r"\W", path.lower())} & _NOT_ASKED


def document_of(seen: Seen | None) -> Any:
    """The JSON of a page that answered 200; None where there is none."""
    try:
        return jsonpath.parse(seen.text) if seen and seen.status == 200 else None
    except Unmeasured:
        return None


def is_wrapping(document: Any) -> bool:
    """Whether an OpenAPI document is FastAPI's, which puts what goes with an error into `detail`."""
    return isinstance(document, dict) and isinstance(document.get("paths"), dict) and "openapi" in document


def endpoint_of(seen: Seen) -> dict[str, Any]:
    """The table of an endpoint that answered so: with the list that it has, if there is something in it."""
    document = document_of(seen)
    where = "$" if isinstance(document, list) and document else next(_lists(document), "")
    return {"path": seen.path, **({"json": where} if where else {})}


def name_of(path: str, taken: Collection[str]) -> str:
    """What an endpoint of that path is called, beside those whose names are `taken`."""
    of_limits = {word for kind in kinds().values() for word in kind.limits}
    return unused(slug(path.rstrip("/").rpartition("/")[2]) or "page", {*taken, *of_limits})


def _lists(document: Any) -> Iterator[str]:
    for key, value in document.items() if isinstance(document, dict) else ():
        if re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) and isinstance(value, list) and value:
            yield f"$.{key}"


def _anybody_may(operation: Any) -> bool:
    """Whether an operation needs no login and no parameter, and answers JSON."""
    if _table(operation).get("security") or _table(operation).get("deprecated"):
        return False
    parameters = _table(operation).get("parameters")
    needed = [one for one in (parameters if isinstance(parameters, list) else []) if _table(one).get("required")]
    good = _table(_table(_table(operation).get("responses")).get("200"))
    return not needed and "application/json" in _table(good.get("content"))


def _table(value: Any) -> dict[str, Any]:
    """An object, or an empty one in place of what is none."""
    return value if isinstance(value, dict) else {}
