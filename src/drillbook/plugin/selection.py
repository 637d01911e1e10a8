"""What a run was told to leave out: by a file, a test's name, an option, or an end at the first failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drillbook.plugin.content import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SELECTING = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "lf": "--lf",
    "stepwise": "--stepwise",
}
LEFT_OUT: pytest.StashKey[bool] = pytest.StashKey()
OUTPUT = "drillbook_left_out"


class LeftOut:
    """Hears, in every process of a run, whether an option that selects really left something out.

    `--lf` passes whole files over without saying so: it selects where it knows of a failure.
    """

    def __init__(self, config: pytest.Config) -> None:
        cache = getattr(config, "cache", None)
        knows = bool(cache and cache.get("cache/lastfailed", {}))
        self._config, config.stash[LEFT_OUT] = config, bool(getattr(config.option, "lf", False)) and knows

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Something was collected, and will not run."""
        self._config.stash[LEFT_OUT] = self._config.stash[LEFT_OUT] or bool(items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """An xdist worker says so to its controller."""
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[OUTPUT] = self._config.stash[LEFT_OUT]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """The controller hears what its worker says."""
        if getattr(node, "workeroutput", {}).get(OUTPUT):
            self._config.stash[LEFT_OUT] = True


def selection(session: pytest.Session) -> str:
    """What the command line selects, as it says it: `-k broker`; empty for a run of all that is in `checks/`."""
    return ", ".join(_words(session))


def _words(session: pytest.Session) -> Iterator[str]:
    config = session.config
    if not any(_is_whole(config, argument) for argument in config.args):
        yield from config.args
    for option, words in SELECTING.items() if _has_left_out(session) else ():
        yield from (f"{words} {one}".removesuffix(" True") for one in _each(getattr(config.option, option, None)))
    yield from (f"--ignore-glob {pattern}" for pattern in _each(config.option.ignore_glob))
    yield from (f"--ignore {path}" for path in config.option.ignore or () if _touches_checks(config, path))
    most = config.option.maxfail
    if most and session.testsfailed >= most:
        yield "the end at the first failure" if most == 1 else f"the end after {most} failures"


def _has_left_out(session: pytest.Session) -> bool:
    """Whether anything was not run that these options are about; `--stepwise` also ends at a failure."""
    config = session.config
    return config.stash[LEFT_OUT] or bool(getattr(config.option, "stepwise", False) and session.testsfailed)


def _each(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found] if found else []


def _is_whole(config: pytest.Config, argument: str) -> bool:
    """Whether the argument stands for everything that is in `checks/`."""
    path = (config.invocation_params.dir / argument).resolve()
    return "::" not in argument and (config.rootpath / CHECKS).is_relative_to(path)


def _touches_checks(config: pytest.Config, ignored: str) -> bool:
    folder, path = config.rootpath / CHECKS, (config.invocation_params.dir / ignored).resolve()
    return folder.is_relative_to(path) or path.is_relative_to(folder)
