"""What a server answers that speaks the API of Prometheus, held to what it says: no figure is made of anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from drillbook.probes import jsonpath
from drillbook.probes.failure import said
from drillbook.probes.http import answers
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.system.target import Service

QUERY = "/api/v1/query"


@dataclass(frozen=True)
class Sample:
    """One series of an answer: its labels, when it is from, and its value."""

    labels: Mapping[str, str]
    at: float
    value: float


def path_of(query: str, path: str = QUERY) -> str:
    """The path of an instant query."""
    return f"{path}?query={quote(query, safe='')}"


def samples(server: Service, page: dict[str, Any], what: str, path: str = QUERY) -> list[Sample]:
    """Each series of the answer to an instant query; Unmeasured where it is none, or of another kind."""
    data = answered(server, page, what, path).get("data")
    kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, dict) else (None, None)
    if kind not in ("vector", "scalar") or not isinstance(result, list):
        raise Unmeasured(f"{what} gives {said(kind)!r}, not one number: is it a range?")
    return [_sample({}, result)] if kind == "scalar" else [_sample(*_parts(one)) for one in result]


def answered(server: Service, page: dict[str, Any], what: str, path: str = QUERY) -> dict[str, Any]:
    """The answer to what was asked at `path`; Unmeasured, in the server's own words, where it is none, or not whole."""
    asked = f"{server.name}, asked for {what}"
    if page["error"]:
        raise Unmeasured(f"{asked}, did not answer: {page['error']['reason']}")
    if refused := answers.login_refused(server, page["status"], path):
        raise Unmeasured(refused)
    answers.not_too_often(server, page, path)
    try:
        answer = jsonpath.parse(page["body"])
    except Unmeasured:
        raise Unmeasured(f"{asked}: {answers.status_line(page, 'it')}: is this a Prometheus?") from None
    if not isinstance(answer, dict) or page["status"] != 200 or answer.get("status") != "success":
        error = answer.get("error") if isinstance(answer, dict) else None
        raise Unmeasured(f"{asked}, answered {page['status']}: {said(error or 'this is no answer to a query')}")
    if answer.get("warnings"):
        raise Unmeasured(f"{asked}, warns: {said(answer['warnings'])}")
    return answer


def _parts(series: Any) -> tuple[Mapping[str, str], Any]:
    """The labels and the sample of a series; a native histogram has none."""
    if not isinstance(series, dict):
        return {}, None
    labels = series.get("metric")
    return (labels if isinstance(labels, dict) else {}), series.get("value")


def _sample(labels: Mapping[str, str], pair: Any) -> Sample:
    try:
        at, value = pair
        return Sample(labels, float(at), float(value))
    except (TypeError, ValueError):
        raise Unmeasured(f"the Prometheus answers {said(repr(pair)):.60}, which is no sample") from None
