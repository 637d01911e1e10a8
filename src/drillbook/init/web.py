"""What was found out about the service at the address: its pages, its metrics, what its users ask for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from drillbook.init import notes, offered
from drillbook.init.figures import Figures, figures_of
from drillbook.init.looking import JSON
from drillbook.init.shapes import is_people_s, shape_of
from drillbook.probes.http.body import is_html
from drillbook.probes.page import MEBIBYTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drillbook.init.looking import Look, Seen
    from drillbook.init.shapes import Shape

HEALTH = (
    "/health", "/healthz", "/actuator/health", "/q/health", "/ht/", "/health/", "/api/health", "/healthcheck",
    "/status", "/up",
)  # fmt: skip
READY = ("/health/ready", "/ready", "/readyz?verbose", "/actuator/health/readiness")
METRICS = ("/metrics", "/actuator/prometheus", "/q/metrics")
OPENAPI = "/openapi.json"
NOWHERE = "/drillbook-asks-for-what-is-not-there"
MISSING = (404, 405, 410)


@dataclass(frozen=True)
class Found:
    """A page that was found, how it has to be asked, and its shape."""

    path: str
    shape: Shape
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> dict[str, Any]:
        """The keys of its table, without its parts."""
        return {"path": self.path, **({"headers": self.headers} if self.headers else {}), **self.shape.lines}


@dataclass
class Web:
    """What is there; `others` are pages whose status says nothing of health, `nowhere` is what any page may be."""

    health: Found | None = None
    ready: Found | None = None
    figures: Figures | None = None
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    nowhere: Seen | None = None


def look_around(look: Look, first: Iterable[str] = ()) -> Web:
    """What answers at that address; `first` are paths of which somebody else says that they are about health."""
    web = Web()
    web.nowhere = look.at(NOWHERE)
    document = offered.document_of(look.at(OPENAPI, cap=16 * MEBIBYTE))
    wrapped = offered.is_wrapping(document)
    web.health = _best(look, web, [*first, *HEALTH], wrapped=wrapped)
    ready = _best(look, web, READY, wrapped=wrapped)
    if ready and (not web.health or ready.shape.worth[0] > web.health.shape.worth[0]):
        web.health = ready  # it says more
    web.ready = ready
    _ask_as_users_do(look, web, document)
    web.figures = _figures(look, web)
    return web


def _best(look: Look, web: Web, paths: Iterable[str], *, wrapped: bool) -> Found | None:
    """The page that says most; the first that speaks of parts, whatever comes after it."""
    found: list[Found] = []
    for path in dict.fromkeys(paths):
        if (seen := look.at(path)) and (one := _page(look, web, seen, wrapped=wrapped)):
            found.append(one)
        if found and found[-1].shape.parts:
            break
    return max(found, key=lambda one: one.shape.worth, default=None)


def _page(look: Look, web: Web, seen: Seen, *, wrapped: bool) -> Found | None:
    """The page, if it has a shape: as JSON, where it is a page for people otherwise."""
    if _is_a_page_for_people(seen) and not _is_a_page_for_people(web.nowhere):
        machine = look.at(seen.path, JSON)
        if machine and not is_html(machine.text) and (shape := shape_of(machine.status, machine.text, wrapped=wrapped)):
            return Found(seen.path, shape, JSON)
    shape = shape_of(seen.status, seen.text, wrapped=wrapped)
    everywhere = web.nowhere is not None and shape == shape_of(web.nowhere.status, web.nowhere.text, wrapped=wrapped)
    if shape and everywhere and (shape.is_ill or not any(shape.worth)):
        return None  # what is said of a page that cannot be there is said of none
    if shape:
        return Found(seen.path, replace(shape, notes=(*shape.notes, notes.EVERYWHERE)) if everywhere else shape)
    _note(web, seen)
    return None


def _is_a_page_for_people(seen: Seen | None) -> bool:
    """Whether machines may be told something else there."""
    return seen is not None and is_html(seen.text) and (seen.status < 300 or seen.status >= 500)


def _note(web: Web, seen: Seen) -> None:
    if not 200 <= seen.status < 300 and seen.status not in MISSING:
        web.others[seen.path] = seen.status


def _ask_as_users_do(look: Look, web: Web, document: Any) -> None:
    """The front page, where it is one for people, and a few of those pages that the service says it has."""
    front = look.at("/")
    if front and front.status == 200 and is_people_s(front.text):
        web.endpoints["home"] = {"path": "/"}
    for path in offered.paths_of(document, look.asked):
        seen = look.at(path)
        if seen and seen.status == 200 and not is_html(seen.text):
            web.endpoints |= {offered.name_of(path, web.endpoints): offered.endpoint_of(seen)}


def _figures(look: Look, web: Web) -> Figures | None:
    """The page of metrics, asked last: what was asked before is counted there by now."""
    ours = [one.path.partition("?")[0] for one in (web.health, web.ready) if one]
    for path in METRICS:
        seen = look.at(path, cap=16 * MEBIBYTE)
        if seen:
            _note(web, seen)
        if seen and seen.status == 200 and (found := figures_of(seen.text, path, ours)):
            return found
        if isinstance(offered.document_of(seen), dict):
            return Figures({"path": path}, (notes.JSON_FIGURES.format(path=path),))
    return None
