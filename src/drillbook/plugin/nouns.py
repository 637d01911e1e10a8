"""The nouns that checks speak of, one fixture for each kind of service: `api`, `database`, `redis`, `queue`, `host`.

A check runs once for each service of its noun's kind, and one that asks for `endpoint`, `part` or `mount` once for
each that the service declares. A noun that the system has no service for is skipped, which the report lists as not
covered.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.plugin.content import is_content
from drillbook.plugin.inquiry import ASKS, INQUIRIES, inquiry_of
from drillbook.plugin.live import Live
from drillbook.plugin.measuring import MEASURING
from drillbook.plugin.spoken import ASKED, SIGNAL, kind_of, services_of
from drillbook.plugin.spreading import runs
from drillbook.probes.tls.others import Certificate
from drillbook.system.kinds import UPSTREAM, kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.judging.observation import Observation
    from drillbook.probes.signal import Asked
    from drillbook.system.kinds import Kind
    from drillbook.system.target import Service, Target


def fixtures() -> ModuleType:
    """The nouns of all kinds, where pytest looks for fixtures: in a module."""
    made = ModuleType(__name__, __doc__)
    for kind in kinds().values():
        setattr(made, kind.noun, _fixture(kind))
    return made


def _fixture(kind: Kind) -> Any:
    def noun(request: pytest.FixtureRequest) -> Any:
        target = inquiry_of(request.node).target
        return _ask(request, _service(target, kind, getattr(request, "param", None)))

    noun.__doc__ = kind.about
    return pytest.fixture(name=kind.noun)(noun)


@pytest.fixture
def asked(request: pytest.FixtureRequest) -> Callable[[str], list[Observation]]:
    """What is asked of a service of a kind that brings its checks along: the answers that a limit of its judges."""
    service = inquiry_of(request.node).target.services[request.param]
    noun, questions = _ask(request, service), kind_of(service).asks

    def answers(limit: str) -> list[Observation]:
        return _several(getattr(noun, questions[limit])() if limit in questions else Certificate(noun).judged(limit))

    return answers


@pytest.fixture(name=SIGNAL)
def _signal(request: pytest.FixtureRequest) -> Asked:
    """A signal of the system's own: its name, and one observation for each thing that was read for it."""
    from drillbook.probes.signal import Asked

    target = inquiry_of(request.node).target
    signal = target.limits.signals.by_name[request.param]
    return Asked(_ask(request, target.services[signal.service]), signal)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a check once for each target, service, and endpoint, part of the health page or mount that it declares."""
    if not is_content(metafunc.definition):
        return
    each = [run for inquiry in metafunc.config.stash[INQUIRIES] for run in runs(metafunc, inquiry)]
    arguments = dict.fromkeys(argument for run in each for argument in run.given)
    if ASKS in arguments:
        metafunc.fixturenames.append(ASKS)
    if arguments:
        indirect = [one for one in arguments if one in (ASKED, SIGNAL) or one in _nouns()]
        metafunc.parametrize([*arguments], [run.row(arguments) for run in each], indirect=indirect)


def _several(answer: Observation | list[Observation]) -> list[Observation]:
    """The observations that a question came to: one, or one for each thing that it was asked of."""
    return answer if isinstance(answer, list) else [answer]


def _nouns() -> set[str]:
    return {kind.noun for kind in kinds().values()}


def _ask(request: pytest.FixtureRequest, service: Service) -> Any:
    """The noun for what was read from the service; it knows the title of the limit that says whether that is up."""
    inquiry, kind = inquiry_of(request.node), kind_of(service)
    target = inquiry.target
    judged = target.services[getattr(service.declared, kind.through.key)] if kind.through else service
    up = target.limits.title(kind_of(judged).up, judged.name)
    noun = kind.ask(service, request.config.stash[MEASURING].of(inquiry, service), up)
    if hasattr(noun, "spend"):
        noun.spend = Live(inquiry, service, request.node)
    return noun


def _service(target: Target, kind: Kind, wanted: str | None) -> Service:
    """The service that is wanted, or the only one; skips where there is none, Mistakes where one must be chosen."""
    noun = kind.noun
    found = {one.name: one for one in services_of(target, noun)}
    if not found:
        others = any(one.kind == kind.name for one in target.services.values())
        but = f" but of role {UPSTREAM}" if others else ""
        pytest.skip(f"{target.system.system.name} has no {kind.name} service{but}")
    if wanted is None and len(found) == 1:
        return next(iter(found.values()))
    if wanted in found:
        return found[wanted]
    which = "is not said" if wanted is None else f"cannot be {wanted!r}"
    raise Mistakes([f"{noun} stands for {', '.join(found)}: which one {which}: make {noun} an argument of the check"])
