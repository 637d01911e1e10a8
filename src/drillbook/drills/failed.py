"""How a drill fails: in which phase, and why."""


class Failed(Exception):
    """A drill that did not come out: in which phase, and why."""

    def __init__(self, phase: str, why: str) -> None:
        super().__init__(f"{phase}: {why}")
        self.phase, self.why, self.said = phase, why, False


class Unsettled(Failed):
    """A drill after which the steady state did not return: its stack must not be used again."""
