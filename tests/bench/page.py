"""What the report page costs: 100,000 lines of a journal must become a page within 5 seconds, of at most 3 MB.

Prints what it measured, for a run of many rounds and for a long drill beside a long load profile, and fails where a
goal is missed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1]
SECONDS = 5.0
MEGABYTES = 3.0
LINES = 100_000
CODE = (
    "import sys; from pathlib import Path; from drillbook.report.page import write_page; write_page(Path(sys.argv[1]))"
)

sys.path.insert(0, str(TESTS / "report"))
import journals  # noqa: E402
import long_journals  # noqa: E402


def measure(name: str, book: journals.Book) -> bool:
    """Prints what the page of `book` costs in a process of its own; whether it is within both goals."""
    with tempfile.TemporaryDirectory() as root:
        folder = book.save(Path(root) / "run")
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", CODE, str(folder)], check=True)
        took, size = time.perf_counter() - began, (folder / "index.html").stat().st_size / 1e6
    goals = f"(at most {SECONDS:.0f} s, {MEGABYTES:.0f} MB)"
    print(f"{name}: {len(book.lines)} lines -> {took:.2f} s, {size:.3f} MB {goals}")
    return took <= SECONDS and size <= MEGABYTES


def main() -> int:
    """Measures both kinds of long journal."""
    books = {
        "many rounds": long_journals.many_rounds(journals, LINES),
        "a long drill and a long load": long_journals.drill_and_load(journals, LINES),
    }
    within = [measure(name, book) for name, book in books.items()]
    return int(not all(within))


if __name__ == "__main__":
    sys.exit(main())
