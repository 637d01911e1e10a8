"""Pull an image in bounded time: one attempt, and none at a registry that was silent before."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from drillbook.doctor.say import say, step

SECONDS_WITHOUT_PROGRESS = 20.0
# What a registry that is there says of an image that it does not give.
ANSWERS = ("not found", "denied", "manifest unknown", "toomanyrequests", "unauthorized", "does not exist")

Events = Callable[[], Iterator[dict[str, Any]]]
Layers = dict[str, tuple[int, int]]  # bytes that are here, and bytes in all, by layer


class Registries:
    """The registries of one run, and which of them did not answer."""

    def __init__(self, client: Any) -> None:
        """Pull through this docker SDK client."""
        self._client = client
        self._silent: set[str] = set()

    def pull(self, tag: str) -> bool:
        """Return whether the image could be pulled; says why not."""
        registry = registry_of(tag)
        if registry in self._silent:
            return False
        layers: Layers = {}
        try:
            with step(f"{tag}: pulling from {registry}", now=lambda: _far(layers)):
                self._pull(tag, layers)
        except Exception as error:  # the SDK lets errors of five libraries through; all mean: not pulled
            say(f"  not pulled: {_in_a_line(error)}")
            if not _answered(error):
                self._silent.add(registry)
            return False
        return True

    def _pull(self, tag: str, layers: Layers) -> None:
        repository, _, version = tag.partition("@") if "@" in tag else _split(tag)

        def events() -> Iterator[dict[str, Any]]:
            yield from self._client.api.pull(repository, tag=version or "latest", stream=True, decode=True)

        for event in within(events, SECONDS_WITHOUT_PROGRESS):
            if "error" in event:
                raise RuntimeError(event["error"])
            _note(event, layers)


def registry_of(tag: str) -> str:
    """Return the registry that an image name belongs to."""
    first, slash, _ = tag.partition("/")
    named = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return first if named else "docker.io"


def within(events: Events, seconds: float) -> Iterator[dict[str, Any]]:
    """Yield events until they end; raise TimeoutError when none came for so many seconds.

    A daemon thread reads, for the SDK's own timeout does not hold while a pull streams.
    """
    inbox: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_read, args=(events, inbox), daemon=True).start()
    while True:
        try:
            event = inbox.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"no progress for {seconds:.0f} s") from None
        if event is None:
            return
        if isinstance(event, Exception):
            raise event
        yield event


def _read(events: Events, inbox: "queue.Queue[Any]") -> None:
    try:
        for event in events():
            inbox.put(event)
        inbox.put(None)
    except Exception as error:  # carried over to the thread that asked
        inbox.put(error)


def _note(event: dict[str, Any], layers: Layers) -> None:
    detail, layer = event.get("progressDetail") or {}, str(event.get("id"))
    if event.get("status") == "Downloading" and "total" in detail:
        layers[layer] = detail["current"], detail["total"]
    elif event.get("status") == "Download complete" and layer in layers:
        layers[layer] = layers[layer][1], layers[layer][1]


def _far(layers: Layers) -> str:
    known = list(layers.values())
    here, total = (sum(one[at] for one in known) / 1e6 for at in (0, 1))
    return f"{here:.0f} of {total:.0f} MB" if known else ""


def _split(tag: str) -> tuple[str, str, str]:
    repository, colon, version = tag.rpartition(":")
    return (repository, colon, version) if colon and "/" not in version else (tag, "", "")


def _answered(error: Exception) -> bool:
    text = str(error).lower()
    return any(answer in text for answer in ANSWERS)


def _in_a_line(error: Exception) -> str:
    text = str(getattr(error, "explanation", None) or error) or type(error).__name__
    return text.splitlines()[0][:200]
