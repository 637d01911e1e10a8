"""What stops a start, in one line that ends in the next step."""


class Missing(Exception):
    """Something that a start needs is not there; the message is one line and ends in the next step."""
