"""Twenty seconds of visitors who search for deals and look at some: enough to see what a profile tells.

Runbooks: API Latency; High Error Rate.
"""

from drillbook import LoadProfile, Ramp
from drillbook.arrivals import Visitor, task

DEMO = LoadProfile(
    runbook="API Latency",
    arrivals=(Ramp(to=20, seconds=4), Ramp(to=20, seconds=16)),  # requests a second
    held_to=("api.p95", "api.errors"),
)
WORDS = ("bike", "lamp", "sofa", "camera", "guitar")
DEALS = (7, 42, 99)


class Shopper(Visitor):
    @task(4)
    def browse(self):
        self.client.get(f"/deals?q={self.random.choice(WORDS)}", name="/deals")

    @task(1)
    def look(self):
        self.client.get(f"/deals/{self.random.choice(DEALS)}", name="/deals/ID")
