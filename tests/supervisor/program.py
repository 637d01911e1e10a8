"""A run like a drill's, which gets as far as the moment it is told and stays there until something ends it.

`python program.py RUN TEST IMAGE MOMENT`: says in lines of JSON what it has started, and when it is there.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time

from drillbook.doctor import engine
from drillbook.supervisor import arm, child, orderly_stop
from drillbook.supervisor.things import listed

SLEEP = ["sleep", "300"]
FAMILY = """
import subprocess, sys, time
there = [subprocess.Popen(["sleep", "300"]), subprocess.Popen(["sleep", "300"], start_new_session=True)]
print(*(one.pid for one in there), flush=True)
time.sleep(300)
"""


def say(**facts):
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class Run:
    def __init__(self, supervisor, test, image):
        self.supervisor = supervisor
        self.image = image
        self.labels = {**supervisor.labels, "drillbook.test": test}
        self.client = engine.client()

    def armed(self):
        pass

    def container(self, **options):
        name = f"{self.supervisor.run}-{secrets.token_hex(4)}"
        return self.client.containers.create(self.image, name=name, entrypoint=SLEEP, labels=self.labels, **options)

    def running(self):
        network = self.client.networks.create(f"{self.supervisor.run}-net", labels=self.labels)
        volume = self.client.volumes.create(f"{self.supervisor.run}-data", labels=self.labels)
        mounts = [f"{volume.name}:/data", "/scratch"]
        made = self.container(network=network.name, volumes=mounts)
        made.start()
        made.reload()
        say(volumes=[mount["Name"] for mount in made.attrs["Mounts"]])
        return made

    def paused(self):
        self.running().pause()

    def creating(self):
        say(at="creating")
        for _ in range(5):
            self.container().start()

    def composing(self):
        """Compose is at work: the network is there, the second service waits for the first."""
        service = {"image": self.image, "entrypoint": SLEEP, "labels": self.labels}
        first = service | {"healthcheck": {"test": "sleep 2", "interval": "1s"}}
        second = service | {"depends_on": {"first": {"condition": "service_healthy"}}}
        networks = {"default": {"labels": self.labels}}
        file = self.supervisor.folder / "compose.json"
        file.write_text(json.dumps({"services": {"first": first, "second": second}, "networks": networks}))
        command = ["docker", "compose", "-p", self.supervisor.run, "-f", str(file), "up", "-d"]
        compose = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while not listed(self.client, f"drillbook={self.supervisor.run}"):
            time.sleep(0.02)
        say(pids=[compose.pid])

    def family(self):
        command = [sys.executable, "-c", FAMILY]
        one = child(self.supervisor, command, stdout=subprocess.PIPE, text=True)
        plain = subprocess.Popen(SLEEP)  # as testcontainers starts `docker compose`
        say(pids=[one.pid, plain.pid, *map(int, one.stdout.readline().split())])

    def everything(self):
        self.running()
        self.family()

    def outlived(self):
        """Two children that are nobody's to end, and that would hold the pipe open if they could."""
        self.container().start()
        other = subprocess.Popen(SLEEP, env={"PATH": os.environ["PATH"]}, close_fds=False, start_new_session=True)
        forked = os.fork()
        if not forked:
            time.sleep(300)
            os._exit(0)
        say(survivors=[other.pid, forked])


def main():
    run, test, image, moment = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever was ignored where this test was started
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with orderly_stop(), arm(run) as supervisor:
        say(supervisor=supervisor.pid, folder=str(supervisor.folder), owner=supervisor.owner)
        (supervisor.folder / "override.yaml").write_text("name: secret\n")
        it = Run(supervisor, test, image)
        if moment == "closing":
            it.running()
            say(at=moment)
            return
        getattr(it, moment)()
        say(at=moment)
        time.sleep(120)


main()
