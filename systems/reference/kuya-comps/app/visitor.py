"""The visitor of kuya-comps: `python -m app.visitor` looks for comparable cards, five times a second."""

from standin import logs
from standin.visitor import visit

CARDS = ("mike+trout+2011", "ken+griffey+1989", "michael+jordan+1986", "shohei+ohtani+2018", "luka+doncic+2018")
SEARCHES = [f"/comps?query={card}&pages=1" for card in CARDS]
STUBS = ("http://searchapi:8000/status", "http://ebay:8000/status")  # a search before they are there is an error

if __name__ == "__main__":
    logs.configure(None)
    visit("http://backend:8000", ["/", *SEARCHES], after=STUBS)
