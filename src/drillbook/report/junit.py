"""The last look at pytest's `junit.xml`: a suite for each target, and no secret of what plugins and checks wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from drillbook.common.redact import scrub, scrubbed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from xml.etree.ElementTree import Element

COUNTED = {"errors": "error", "failures": "failure", "skipped": "skipped"}


def finish(junit: Path, targets: Sequence[str], by: str) -> None:
    """Writes the file anew where it holds secrets, or several targets, which the property `by` names; OSError."""
    text = junit.read_text(encoding="utf-8")
    tree = ElementTree.fromstring(text)  # noqa: S314 (pytest wrote it, in this process)
    if len(targets) > 1:
        _split(tree, targets, by)
    if _masked(tree) or len(targets) > 1:
        junit.write_text(ElementTree.tostring(tree, encoding="unicode", xml_declaration=True), encoding="utf-8")


def _masked(tree: Element) -> bool:
    """Whether there were secrets, which are masked now."""
    found = False
    for one in tree.iter():
        clean = (scrub(one.text or ""), scrub(one.tail or ""), scrubbed(one.attrib))
        found = found or clean != (one.text or "", one.tail or "", one.attrib)
        one.text, one.tail, one.attrib = clean
    return found


def _split(tree: Element, targets: Sequence[str], by: str) -> None:
    """Makes a suite of its own for each target, called as it is, before one of what is about none of them."""
    [whole] = tree.iter("testsuite")
    made = [_suite(whole, target) for target in targets]
    for suite, target in zip(made, targets, strict=True):
        for case in [case for case in whole.findall("testcase") if (by, target) in _properties(case)]:
            whole.remove(case)
            suite.append(case)
    kept = [*made, *([whole] if len(whole) else [])]
    for suite in kept:
        _count(suite)
    tree[:] = kept


def _suite(whole: Element, target: str) -> Element:
    return ElementTree.Element("testsuite", whole.attrib | {"name": target})


def _properties(case: Element) -> list[tuple[str | None, str | None]]:
    return [(one.get("name"), one.get("value")) for one in case.iterfind("properties/property")]


def _count(suite: Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for key, tag in COUNTED.items():
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")
