"""The visitor of deal-scout: `python -m app.visitor` searches, and now and then looks at one deal."""

from standin import logs
from standin.visitor import visit

WORDS = ("bike", "lamp", "sofa", "camera", "guitar")
SEARCHES = [f"/deals?q={word}" for word in WORDS]
LOOKS = [f"/deals/{deal}" for deal in (7, 42, 99)]

# A round: thirteen searches, three looks.
ROUND = [path for look in LOOKS for path in (*SEARCHES[:4], look)] + [SEARCHES[4]]

if __name__ == "__main__":
    logs.configure(None)
    visit("http://backend:8000", ROUND)
