"""Items: what a runbook lets one check, break, load, mend and prepare: `items.toml` beside a system's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field, RootModel, model_validator

from drillbook.common.mistakes import Mistakes
from drillbook.system.document import text_of
from drillbook.system.file import read_as
from drillbook.system.lines import told
from drillbook.system.names import nearest
from drillbook.system.strict import Strict, form, mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.system.library import Library

ITEMS = "items.toml"
_WHY = "say why nothing judges it here, naming what is missing"
_ID = "an item is called by capital letters, a dash, a letter and a number: SP-C01"
Because = Annotated[str, form(r"[\s\S]*\S[\s\S]*", _WHY, "a reason")]
Judge = Annotated[str, form(r".*\S.*", "name a limit or a signal", "a limit's name")]
ItemId = Annotated[str, form(r"[A-Z]+-[A-Z][0-9]+", _ID, "an item's name")]


class Item(Strict):
    """One thing that a runbook lets one do or ask."""

    kind: Literal["check", "chaos", "load", "fix", "operational", "manual"]
    """What it is: asked of a live system, broken, loaded, mended, prepared, or left to people."""
    section: str
    """The title of the runbook's section that it comes from."""
    what: str = Field(min_length=1)
    """What is so where all is well, or what is done, in a sentence."""
    judged_by: list[Judge] = Field(default=[], min_length=1)
    """The limits and signals that judge it, by name or title; a `*` stands for anything."""
    because: Because | None = None
    """Why nothing judges it here."""

    @model_validator(mode="after")
    def _is_judged_or_not(self) -> Item:
        if self.judged_by and self.because:
            raise mistake("because", "is why nothing judges it, and judged_by says what does: leave one of them out")
        if self.judged_by and self.kind != "check":
            raise mistake("judged_by", f"names what judges a check; nothing proves a {self.kind} yet: leave it out")
        return self


class Items(RootModel[dict[ItemId, Item]]):
    """All items of a system, by their names."""

    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)


def items_of(library: Library, system: str) -> Mapping[str, Item]:
    """The items of that system by name, in the file's order; Mistakes lists everything that is wrong with them."""
    files = library.beside(ITEMS)
    if system not in files:
        known = f"known: {', '.join(files)}" if files else f"none has a file {ITEMS}"
        raise Mistakes([f"no system called {system!r} has items ({known})"])
    path = library.file_of(system).parent / ITEMS if system in library.names() else files[system]
    name = library.shown(path)
    items = read_as(Items, path, name).root
    if not items:
        raise Mistakes([f"{name}: holds no items: write one as CONTRIBUTING.md has it"])
    if mistakes := [*_strange_sections(library, system, items)]:
        raise Mistakes(told(name, text_of(path, name), mistakes))
    return items


def _strange_sections(library: Library, system: str, items: Mapping[str, Item]) -> Iterator[str]:
    """A line for each section that the runbook has not, where a system file says which it has."""
    runbook = library.read(system).runbook if system in library.names() else None
    sections = runbook.sections if runbook else []
    for name, item in items.items() if runbook else ():
        if item.section not in sections:
            yield f"{name}.section: {item.section!r} is not among runbook.sections{nearest(item.section, sections)}"
