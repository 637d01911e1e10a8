"""What pytest itself would tell of a secret: the words of files that cannot be collected, and the ids of tests.

Under xdist an id is the key by which a test is known, so it cannot be masked: a secret in one is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.curtain import draw_curtain
from drillbook.common.disguises import MASK
from drillbook.common.redact import keep_names, scrub
from drillbook.plugin.judging import hidden

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from drillbook.system.target import Target


class Hiding:
    """The hooks of every process of a run: the controller, its workers."""

    def __init__(self, targets: Sequence[Target]) -> None:
        for target in targets:
            keep_names(*_names_of(target))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Masks what is logged to a file of the user's (`--log-file`)."""
        logging = session.config.pluginmanager.get_plugin("logging-plugin")
        if stream := getattr(getattr(logging, "log_file_handler", None), "stream", None):
            draw_curtain(stream)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Masks what a file that cannot be collected says."""
        return hidden((yield))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Refuses ids that hold a secret; an xdist worker leaves that to its controller, which can say so."""
        _look_at([item.nodeid for item in items], refuses=not hasattr(config, "workerinput"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Refuses what a worker has collected, before anything is run."""
        _look_at(ids, refuses=True)


def _look_at(ids: Sequence[str], *, refuses: bool) -> None:
    """What a test is called is no secret; the values behind its name can be one."""
    keep_names(*(one.partition("[")[0] for one in ids))
    secret = {test: values for test, _, values in (one.partition("[") for one in ids) if scrub(values) != values}
    if secret and refuses:
        what = "a secret is part of this test's id: give its values ids of their own (ids=…)"
        raise pytest.UsageError(*(f"{test}[{MASK}]: {what}" for test in secret))


def _names_of(target: Target) -> Iterator[str]:
    """What a report calls things by."""
    yield from (target.name, target.system.system.name, target.environment)
    for limit in target.limits:
        yield from (limit.name, *limit.name.split("."), limit.source, limit.unit, limit.unit.partition("/")[0])
    for name, service in target.services.items():
        declared: Any = service.declared
        health = getattr(declared, "health", None)
        yield from (name, *declared.roles, *getattr(declared, "endpoints", ()), *(health.parts if health else ()))
        yield from (*getattr(declared, "queues", ()), *getattr(declared, "mounts", ()))
