"""PostgreSQL's superuser, through the socket inside the database's own container.

It still gets a login when the application has used up its connections: some are reserved for it. And it needs neither
a password nor a port.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.common.inert import inert
from drillbook.common.mistakes import Mistakes

if TYPE_CHECKING:
    from drillbook.stack.handle import Handle

# As the images' own entry point knows them. The statements come over stdin, where psql fills in its variables.
PSQL = """
query=$1; shift
printf '%s' "$query" | psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}" "$@"
"""


def ask(handle: Handle, query: str, **variables: str) -> str:
    """What `query` answers, unaligned; in it `:'name'` stands for a variable. Mistakes where psql fails."""
    settings = [f"--set={name}={value}" for name, value in variables.items()]
    code, said = handle.execute(["sh", "-c", PSQL, "psql", query, *settings])
    if code:
        raise Mistakes([f"{handle.service}: psql says: {inert(said.strip())[:300]}"])
    return said.strip()
