"""Visitors: Locust's fast users, held to what a measurement needs."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from locust import FastHttpUser, constant_throughput

from drillbook.load.generator.client import SECONDS, Session, Turn

if TYPE_CHECKING:
    from locust.env import Environment

TURN = "drillbook.turn"


class Visitor(FastHttpUser):
    """Somebody who asks the system for something: write a class of your own, with functions marked as `task`.

    `self.client` asks for paths of the target; `self.random` draws the same in every run. What is answered whole,
    within 10 seconds and below status 400 has been served. Certificates are verified and nothing is asked twice.
    Redirects are answers: they are followed only with `allow_redirects=True`, and never to another host.
    """

    abstract = True
    wait_time = constant_throughput(1)
    insecure = False
    connection_timeout = SECONDS
    network_timeout = SECONDS

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.turn = Turn()
        self.random: Random = getattr(environment, "random", None) or Random()  # noqa: S311 (who asks for what)
        self.client = Session(self, self.turn, getattr(environment, "bounds", None))

    def context(self) -> dict[str, Any]:
        """What Locust's request event carries beside the request: whose turn it was."""
        return {TURN: self.turn}
