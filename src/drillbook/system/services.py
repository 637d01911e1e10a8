"""What every kind of service can say of itself in a system file, and how it refers to addresses and secrets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from drillbook.judging.limit import duration
from drillbook.system.budgets import Budget
from drillbook.system.strict import Duration, Form, Strict, Variable, read_by

ROLES = ("api", "cache", "broker", "database", "worker", "scheduler", "upstream", "mail")


BUDGET = 'a budget is so many questions in a second, a minute, an hour or a run: "5/s", "60/min", "100/h", "60 in all"'
ROLE = f"a role is one of {', '.join(ROLES)}"
Role = Annotated[str, Form(str, "a role", ROLE, "|".join(ROLES))]  # what is none is said by the list that it is in
BudgetText = Annotated[str, read_by(Budget.parse, "a budget", BUDGET, r"[1-9]\d*(/(s|min|h)| in all)")]


class Reference(Strict):
    """An address or a secret, by the name of the environment variable that holds it: neither ever stands in the file.

    The variable is looked up in the environment, then in `.drillbook/SYSTEM@ENVIRONMENT.env`, which `drillbook up`
    writes for a local copy, and where you may write `NAME=value` lines of your own.
    """

    env: Variable
    """The name of the variable."""
    prefix: str = ""
    """What is put in front of a secret that is sent: `{ env = "SHOP_TOKEN", prefix = "Bearer " }`."""


class Service(Strict):
    """What every kind of service can say of itself; its kind adds the rest in a table of its own."""

    kind: str
    """What kind of service it is: each has a section of its own here."""
    roles: list[Role] = []
    """What it is to the system. They decide which limits are asked: `cache.hit_rate` of a `cache`, and not of what is
    only a `broker`. A service of role `upstream` is somebody else's."""
    budget: BudgetText | None = None
    """How often it may be asked. Rounds (`--every`) that would need more are refused before the first one; what is left
    out of a run for want of a budget names this key."""
    deadline: Duration = "3s"
    """How long one question to it may take."""

    @field_validator("roles")
    @classmethod
    def _are_roles(cls, value: list[str]) -> list[str]:
        for role in value:
            if role not in ROLES:
                raise ValueError(f"{role!r} is no role (roles: {', '.join(ROLES)})")
        return value

    @property
    def of_a_container(self) -> str:
        """The service of the compose file whose container it is about; empty where it is about none.

        It is asked where there is such a container: in a copy that Drillbook started.
        """
        return ""

    @property
    def seconds(self) -> float:
        """How long one probe of this service may take, in seconds."""
        return duration(self.deadline)

    @property
    def longest(self) -> float:
        """As `seconds`, of the probe that may take longest."""
        return self.seconds


class Timed(Service):
    """A service whose latencies are judged."""

    samples: Annotated[int, Field(ge=1, le=20)] = 3
    """Of so many measurements a latency is the median."""
