"""The pipeline: `python -m etl.kenya_pipeline` runs it once, and exits 1 where it failed."""

from __future__ import annotations

import json
import sys
from typing import Any

from etl import resilient_scraper
from standin import logs
from standin.etl import Runs
from standin.pool import Database
from standin.settings import Settings

COUNTY = "INSERT INTO counties (id, name) VALUES (%(county_id)s, %(county)s) ON CONFLICT DO NOTHING"
DOCUMENT = """
    INSERT INTO documents (county_id, fiscal_year, title, amount)
    VALUES (%(county_id)s, %(fiscal_year)s, %(title)s, %(amount)s)
    ON CONFLICT (county_id, fiscal_year, title) DO UPDATE SET amount = excluded.amount, updated_at = now()
"""


class KenyaDataPipeline:
    """From the source's reports to documents; run twice, it makes none of them twice."""

    def __init__(self) -> None:
        self.database = Database(Settings(pool_min=1, pool_max=2), name="etl")
        self.database.open()
        manners = {"retries": resilient_scraper.RETRIES, "delay": resilient_scraper.DELAY_SECONDS}
        self.runs = Runs(self.database, "kenya", json.dumps(manners))

    def run(self) -> bool:
        """Run once; return whether it went well."""
        return self.runs.run(self._load)

    def get_last_run_status(self) -> dict[str, Any] | None:
        """Return how the last run went."""
        return self.runs.last()

    def _load(self) -> int:
        reports = json.loads(resilient_scraper.download().read_text())["reports"]
        with self.database.connection() as connection, connection.cursor() as cursor:
            cursor.executemany(COUNTY, reports)
            cursor.executemany(DOCUMENT, reports)
            cursor.execute("ANALYZE documents")
        return len(reports)


if __name__ == "__main__":
    logs.configure(None)
    sys.exit(not KenyaDataPipeline().run())
