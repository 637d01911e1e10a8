"""What stops a start, in one line that ends in the next step."""

from drillbook.common.mistakes import Mistakes


class Missing(Mistakes):
    """Something that a start needs is not there; the message is one line and ends in the next step."""

    def __init__(self, line: str) -> None:
        super().__init__([line])
