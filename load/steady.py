"""An ordinary busy hour, squeezed into five minutes: most search, some look at a deal, a few ask how it is.

Runbooks: API Latency; High Error Rate.
"""

from drillbook import LoadProfile, Ramp
from drillbook.arrivals import Visitor, task

STEADY = LoadProfile(
    runbook="API Latency",
    arrivals=(Ramp(to=20, seconds=30), Ramp(to=20, seconds=240)),  # requests a second
    held_to=("api.p95", "api.errors"),
)
WORDS = ("bike", "lamp", "sofa", "camera", "guitar")
DEALS = (7, 42, 99)


class Shopper(Visitor):
    @task(7)
    def browse(self):
        self.client.get(f"/deals?q={self.random.choice(WORDS)}", name="/deals")

    @task(2)
    def look(self):
        self.client.get(f"/deals/{self.random.choice(DEALS)}", name="/deals/ID")

    @task(1)
    def health(self):
        self.client.get("/health")
