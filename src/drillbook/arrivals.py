"""What a load profile's requests are made with: visitors and their tasks, as Locust has them.

Importing it patches sockets, threads and time of the process, as Locust does. A profile is also a plain locustfile:
under `locust -f` each user is one arrival a second.
"""

from locust import task

from drillbook.load.generator.visitor import Visitor

__all__ = ["Visitor", "task"]
