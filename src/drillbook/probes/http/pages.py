"""The pages of a service that speaks HTTP, as a system file declares them: how they are asked, what they must say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WrapValidator, model_validator

from drillbook.system.services import BudgetText, Reference
from drillbook.system.strict import Duration, JsonCondition, JsonPath, Name, Path_, Strict

if TYPE_CHECKING:
    from typing import Self

SECRETS = re.compile(r"auth|cookie|token|key|secret|passw|session|credential|signature", re.IGNORECASE)
_STATUS = re.compile(r"[1-5](\d\d|xx)")


def _as_it_is(value: Any, handler: Any) -> Any:
    return value if isinstance(value, str) else handler(value)


def _no_secret(values: dict[str, Value]) -> dict[str, Value]:
    for name, value in values.items():
        if isinstance(value, str) and SECRETS.search(name):
            raise ValueError(f'{name} is a secret, given by reference only: write {{ env = "NAME_OF_THE_VARIABLE" }}')
    return values


def _statuses(value: Any) -> Any:
    found = tuple(map(str, value if isinstance(value, list) else [value]))
    if not found or not all(map(_STATUS.fullmatch, found)):
        raise ValueError('write a status, a class of them, or a list of both: 200, "2xx" or [200, 207, "3xx"]')
    return found


def _texts(value: Any) -> Any:
    found = tuple(value) if isinstance(value, list) else (value,)
    if not found or not all(isinstance(one, str) and one.strip(" *\n") for one in found):
        raise ValueError('write the text that is right, or a list of them; "*" stands for anything: "ok" or "*green*"')
    return found


def _part(value: Any) -> Any:
    return {"up": value} if isinstance(value, str) else value


if TYPE_CHECKING:
    Value = Reference | str
else:
    Value = Annotated[
        Reference, WrapValidator(_as_it_is, json_schema_input_type=Reference | str), "a text or a reference"
    ]
Values = Annotated[dict[str, Value], AfterValidator(_no_secret)]
Status = int | str
Statuses = Annotated[
    tuple[str, ...], BeforeValidator(_statuses, json_schema_input_type=Status | list[Status]), "a status, or several"
]
Texts = Annotated[
    tuple[str, ...], BeforeValidator(_texts, json_schema_input_type=str | list[str]), "a text, or several"
]


class Asked(Strict):
    """How one page is asked."""

    path: Path_
    """Its path, behind the service's address."""
    headers: Values = {}
    """Headers that are sent with it, beside the service's."""
    deadline: Duration | None = None
    """How long it may take, where not the service's deadline."""

    def expects(self, status: int | None) -> bool:
        """Whether that status is right."""
        return status == 200


class Page(Asked):
    """A path that is asked with GET, and what it answers where all is well."""

    expect: Statuses = ("200",)
    """The statuses that are right, or a class of them: `200`, `["2xx", 404]`."""
    up: JsonCondition | None = None
    """What its JSON says where all is well."""
    says: Texts = ()
    """What its text is where all is well; `*` stands for anything."""

    def expects(self, status: int | None) -> bool:
        """Whether that status is right."""
        return str(status) in self.expect or f"{str(status)[0]}xx" in self.expect


class TimedPage(Page):
    """A page whose latency is judged."""

    samples: Annotated[int, Field(ge=1, le=20)] | None = None
    """Of so many measurements its latency is the median, where not of the service's number."""


class Part(Strict):
    """What a page says of one part: a condition on its JSON, or what one line of its text says."""

    up: JsonCondition | None = None
    """What its JSON says where the part is well. A part that is a text alone is that."""
    line: Annotated[str, Field(min_length=1)] | None = None
    """What is in the one line that speaks of the part."""
    says: Texts = ()
    """What that line is where the part is well; `*` stands for anything."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if bool(self.up) == bool(self.line) or bool(self.line) != bool(self.says):
            raise ValueError(
                "a part is a condition (\"$.redis == 'up'\"), or a line and what it says "
                '({ line = "etcd ", says = "[+]*" })'
            )
        return self


AnyPart = Annotated[
    Part, BeforeValidator(_part, json_schema_input_type=JsonCondition | Part), "a JSON condition or a table"
]


class Health(TimedPage):
    """The health page. With `up` or `says` it also says whether the service is well: `api.healthy`."""

    parts: dict[Name, AnyPart] = {}
    """What it says of each thing that the service depends on, under names of your own: `health.NAME` judges it."""


class Endpoint(TimedPage):
    """Something users ask for."""

    json_: JsonPath | None = Field(default=None, alias="json")
    """Where its JSON has a list, which must hold something."""
    at_least: Annotated[int, Field(ge=1)] = 1
    """How many items that list must have."""
    budget: BudgetText | None = None
    """How often it may be asked, beside what its service may be."""


class Login(Asked):
    """What is sent once before everything else, with POST: `json` or a `form`, answered by a token or a cookie."""

    json_: Values | None = Field(default=None, alias="json")
    """What is sent, as JSON. What is secret is given by reference."""
    form: Values | None = None
    """What is sent, as a form. What is secret is given by reference."""
    token: JsonPath | None = None
    """Where the answer's JSON has the token."""
    cookie: str | None = None
    """The name of the cookie that the answer sets."""
    header: str = "Authorization"
    """The header in which the token is sent from then on."""
    prefix: str = "Bearer "
    """What is put in front of the token."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.json_) == bool(self.form):
            raise ValueError('say what is sent: either json = { … } or form = { username = { env = "…" }, … }')
        if bool(self.token) == bool(self.cookie):
            raise ValueError('say what comes back: either token = "$.access_token" or cookie = "NAME"')
        return self

    @property
    def fields(self) -> dict[str, Value]:
        """What is sent."""
        return self.json_ or self.form or {}
