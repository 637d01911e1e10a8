"""The visitors of audit-app: `python -m app.visitor` reads counties and documents, from eight addresses in turn."""

from app.settings import TOKEN
from standin import logs
from standin.visitor import visit

DOCUMENTS = [
    f"/api/v1/documents?county_id={county}&fiscal_year={year}" for county in (1, 4, 9) for year in (2022, 2024)
]
# Three of four ask for counties, which the cache has.
ROUND = ["/", *(path for document in DOCUMENTS for path in ("/api/v1/counties",) * 3 + (document,))]
VISITORS = [{"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": f"203.0.113.{number}"} for number in range(1, 9)]

if __name__ == "__main__":
    logs.configure(None)
    visit("http://frontend:80", ROUND, headers=VISITORS)
