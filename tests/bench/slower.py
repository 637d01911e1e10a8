"""Proxies that make services slower: `python slower.py MILLISECONDS PORT...` passes on each answer so much later.

Says the ports that it listens at, one for each, and goes on until it is ended.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


async def move(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Passes on what comes, each piece so many seconds later."""
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            await asyncio.sleep(delay)
            writer.write(data)
    writer.close()


async def proxy(milliseconds: int, ports: list[int]) -> None:
    """Listens on a port for each of `ports`, says which, and passes on until it is ended."""
    passed: set[asyncio.Task[Any] | None] = set()  # whom a connection forgets once it is lost

    def passing(port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            passed.add(asyncio.current_task())
            there, back = await asyncio.open_connection("127.0.0.1", port)
            ways = move(reader, back, 0), move(there, writer, milliseconds / 1000)
            await asyncio.gather(*ways, return_exceptions=True)

        return serve

    servers = [await asyncio.start_server(passing(port), "127.0.0.1", 0) for port in ports]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(proxy(int(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
