"""The schedule: `python -m etl` runs the pipeline at once, and then every ETL_SECONDS."""

import os

from etl.kenya_pipeline import KenyaDataPipeline
from standin import etl, logs

if __name__ == "__main__":
    logs.configure(None)
    etl.repeat(KenyaDataPipeline().run, float(os.environ.get("ETL_SECONDS", "3600")))
