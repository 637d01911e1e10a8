"""The command `drillbook init`: it looks, asks, and writes the file, which stays if it is right."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from drillbook.common.inert import for_terminal
from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import keep_names, keep_secrets_of
from drillbook.init import notes
from drillbook.init.compose import composed
from drillbook.init.draft import Draft
from drillbook.init.looking import Look
from drillbook.init.shapes import Shape
from drillbook.init.wanted import name_mistakes
from drillbook.init.web import MISSING, NOWHERE, Found, look_around
from drillbook.system.file import Environment
from drillbook.system.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from drillbook.init.wanted import Wanted
    from drillbook.system.library import Library

    Say = Callable[[str], None]
    Ask = Callable[[str, str], str]

REDIRECTS, GATEWAYS = {"301", "302", "303", "307", "308"}, {"502", "503", "504"}
KINDS: tuple[str, ...] = get_args(Environment.model_fields["kind"].annotation)
_HERE = re.compile(r"localhost|127\..*|::1|.*\.localhost")


def init(library: Library, wanted: Wanted, say: Say, ask: Ask) -> None:
    """Looks at what answers, and writes the system file; says what was asked, what was found, and what comes next.

    `ask` gives the answer to a question with a default. Mistakes where there is such a file, where an option is none,
    or where nobody answers and no compose file says anything either.
    """
    if mistakes := [*wanted.mistakes()]:
        raise Mistakes(mistakes)
    for value in (wanted.url, *(library.environ.get(name or "", "") for name in (wanted.database, wanted.redis))):
        keep_secrets_of(value)  # what is asked may echo it
    name = wanted.name or ask("name of the system", wanted.default_name)
    path = _free(library, name)
    keep_names(name, wanted.host)
    draft = _looked(name, _kind(wanted, ask), wanted, path, say)
    if mistakes := [*draft.mistakes]:
        raise Mistakes(mistakes)
    right = _write(library, name, path, draft.text)
    say(f"wrote {library.shown(path)}: {right}")
    for line in _next_steps(draft, library):
        say(line)


def _free(library: Library, name: str) -> Path:
    """Where the file will be; Mistakes where there is one, or the name is none."""
    if mistakes := [*name_mistakes(name)]:
        raise Mistakes(mistakes)
    path = library.file_of(name) if name in library.names() else library.folders[0] / name / "system.toml"
    if os.path.lexists(path):  # where nobody may look, writing says why
        another = "give another name (drillbook init NAME), or remove it"
        raise Mistakes([f"{library.shown(path)} is there already, and stays as it is: {another}"])
    return path


def _kind(wanted: Wanted, ask: Ask) -> str:
    kind = ask(f"where does it run ({', '.join(KINDS)})", "local" if _HERE.fullmatch(wanted.host) else "staging")
    if kind not in KINDS:
        raise Mistakes([f"{kind!r} is no kind of environment: it is one of {', '.join(KINDS)}"])
    return kind


def _looked(name: str, kind: str, wanted: Wanted, path: Path, say: Say) -> Draft:
    """The draft, of all that the compose file says and what answers."""
    found = composed(wanted.compose, wanted.port) if wanted.compose else None
    look = Look(wanted.url)
    web = look_around(look, found.pages if found else ())
    say(for_terminal(_asked(look)))
    if (why := _nobody(look)) and not found:
        raise Mistakes([for_terminal(f"{look.place}: {why}: nothing was written")])
    if look.failed and not web.health and found:
        web.health = next((Found(page, Shape(notes=(notes.AS_COMPOSED,))) for page in found.pages), None)
    compose = os.path.relpath(wanted.compose.absolute(), path.parent.absolute()) if wanted.compose else ""
    of_web: dict[str, Any] = {"web": web, "unanswered": _unanswered(look), "by_tls": wanted.url.startswith("https:")}
    return Draft(name, kind, **of_web, composed=found, compose=compose, database=wanted.database, redis=wanted.redis)


def _nobody(look: Look) -> str:
    """Why what is there is not the service, with the next step; empty where it may be."""
    answers = {*look.asked.values()}
    if look.failed and len(look.asked) == 1:
        next_step = ": start it, or give the address that it answers at" if look.failed["kind"] == "down" else ""
        return f"{look.failed['reason']}{next_step}"
    if answers <= REDIRECTS:
        return "whatever is asked is redirected: give the address that it leads to (https://, another host, a path)"
    return "a proxy answers, and nobody is behind it: start the service" if answers <= GATEWAYS else ""


def _asked(look: Look) -> str:
    """How often what was asked, and what it came to."""
    count = Counter(look.asked.values())
    answers = ", ".join(f"{many} of {one}" if many > 1 else one for one, many in count.most_common())
    times = f"{len(look.asked)} GET request{'' if len(look.asked) == 1 else 's'}"
    return ": ".join(filter(None, (f"asked {look.place}", f"{times} ({answers})", _answered(look))))


def _answered(look: Look) -> str:
    """The pages that were answered, where that says anything; what else may be wanted where none was."""
    if look.asked.get(NOWHERE, "").startswith("2"):
        return "whatever is asked"
    if {*look.asked.values()} <= REDIRECTS | {*map(str, MISSING)} and urlsplit(look.url).path.strip("/"):
        return "nothing below its path: if that is the path of a page, give the address without it"
    return ", ".join(path for path, said in look.asked.items() if said.startswith("2"))


def _unanswered(look: Look) -> str:
    return notes.unanswered(look.failed["path"], look.failed["reason"]) if look.failed else ""


def _write(library: Library, name: str, path: Path, text: str) -> str:
    """What `drillbook validate` says of the file, once it is written; Mistakes, and no file, where that is wrong."""
    lines: list[str] = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("x", encoding="utf-8")  # somebody else may have written one meanwhile
        try:
            with file:
                file.write(text)
            validate(library, name, lines.append)
        except BaseException:
            path.unlink()
            raise
    except OSError as error:
        raise Mistakes([f"{library.shown(path)} cannot be written: {error.strerror}"]) from None
    return lines[0].partition(": ")[2]


def _next_steps(draft: Draft, library: Library) -> Iterator[str]:
    """What the file has only comments about, which variables are wanted, and the command that asks."""
    if draft.missing:
        what = ", ".join(notes.MISSING[one][0] for one in draft.missing)
        yield f"not found: {what}; the file says how it is declared"
    for variable, service in draft.variables.items():
        given = " (what you gave as --url)" if variable == next(iter(draft.variables)) else ""
        wanted = f"set already: {variable}" if library.environ.get(variable) else f"export {variable}=…"
        yield f"  {wanted}   # where {service} is{given}"
    yield f"then: pytest checks --target {draft.name}@{draft.environment}"
    if draft.can_be_started:
        yield f"a copy of your own: drillbook up {draft.name}; pytest checks --target {draft.name}@local"
