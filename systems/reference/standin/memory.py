"""What the container has of memory, and how much of it is used, in MB, as the engine counts it."""

from __future__ import annotations

from pathlib import Path

GROUP = Path("/sys/fs/cgroup")
USED = (GROUP / "memory" / "memory.usage_in_bytes", GROUP / "memory.current")  # of the first version, and of the second
EVENTS = (GROUP / "memory" / "memory.oom_control", GROUP / "memory.events")
LIMIT = (GROUP / "memory" / "memory.limit_in_bytes", GROUP / "memory.max")


def told() -> dict[str, float | None]:
    """Return both; None for what is not said."""
    return {"used_mb": _megabytes(USED), "limit_mb": _megabytes(LIMIT)}


def kills() -> int:
    """Return how many of the container's processes were killed for want of memory."""
    text = next((file.read_text() for file in EVENTS if file.is_file()), "")
    counts = [line.split()[1] for line in text.splitlines() if line.startswith("oom_kill ")]
    return int(counts[0]) if counts else 0


def _megabytes(files: tuple[Path, ...]) -> float | None:
    text = next((file.read_text().strip() for file in files if file.is_file()), "")
    return round(int(text) / 1e6, 1) if text.isdecimal() else None
