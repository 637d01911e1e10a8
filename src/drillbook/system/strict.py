"""What every table of a system file is made of: strict models, and the forms that names, paths and durations have.

What a table's docstring and the text below each of its keys say is what the reference says of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails

from drillbook.judging.limit import duration
from drillbook.system.paths import is_condition, is_path

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Form(AfterValidator):
    """A form that a text must have; `called` is what one calls such a text, and `pattern` what editors hold it against.

    `words` are said where it is not of that form.
    """

    called: str
    words: str = ""
    pattern: str = ""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Callable[[Any], dict[str, Any]]) -> Any:
        """The schema of a text, of that pattern where there is one."""
        return handler(core_schema) | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


def form(pattern: str, words: str, called: str) -> Form:
    """Refuses every text that is not of that form, with `words` that say what the form is."""
    expression = re.compile(pattern)

    def of_the_form(text: str) -> str:
        if not expression.fullmatch(text):
            raise ValueError(words)
        return text

    return Form(of_the_form, called, words, pattern)


def read_by(reader: Callable[[str], object], called: str, words: str, pattern: str = "") -> Form:
    """Refuses every text that `reader` does not understand, with the words of its ValueError."""

    def understood(text: str) -> str:
        reader(text)
        return text

    return Form(understood, called, words, pattern)


_NAME = "a name has small letters, digits, - and _, and begins with a letter"
_PATH = 'a path begins with / and has no blanks: "/health"'
_VOLUME = "a volume's name has letters, digits, _, . and -, and begins with a letter or a digit"
_SIZE = 'a size is a number with k or m: "512k", "192m"'
_VARIABLE = "write the name of the environment variable that holds it, in capitals, digits and _: SHOP_URL"
_DURATION = 'a duration is a number and a unit (ms, s, m, h, d): "500ms", "3s", "5m"'
_JSON_PATH = 'a JSON path is written as RFC 9535 has it: "$.items", "$.checks[?@.name == \'redis\'].status"'
_CONDITION = "a JSON condition is a path, then ==, !=, <, <=, >, >= or in: \"$.status in ['ok', 'up']\""

Name = Annotated[str, form(r"[a-z][a-z0-9_-]*", _NAME, "a name")]
Path_ = Annotated[str, form(r"/\S*", _PATH, "a path")]
VolumeName = Annotated[str, form(r"[A-Za-z0-9][A-Za-z0-9_.-]*", _VOLUME, "a volume's name")]
Size = Annotated[str, form(r"[1-9]\d*[km]", _SIZE, "a size")]
Variable = Annotated[str, form(r"[A-Z][A-Z0-9_]*", _VARIABLE, "a variable's name")]
Duration = Annotated[str, read_by(duration, "a duration", _DURATION, r"\s*\d+(\.\d+)?\s*(ms|s|m|h|d)\s*")]
JsonPath = Annotated[str, Form(is_path, "a JSON path", _JSON_PATH, r"\$.*")]
JsonCondition = Annotated[str, Form(is_condition, "a JSON condition", _CONDITION, r"\$[\s\S]*")]
Traffic = Literal["visitors", "ours"]
Write = Literal["mail"]


def mistake(key: str, words: str) -> ValidationError:
    """What a validator of a table raises about one of its keys, or one in a table of it: `pool.size`."""
    place, why = tuple(key.split(".")), {"error": ValueError(words)}
    return ValidationError.from_exception_data("", [InitErrorDetails(type="value_error", loc=place, input="", ctx=why)])


class Strict(BaseModel):
    """Refuses unknown keys, converts nothing silently, and never shows an input in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
