"""Load: runs a profile in a child process, takes its samples in, and says what they come to."""

from drillbook.load.child import Told, generating
from drillbook.load.measures import mistakes_of, observe
from drillbook.load.permission import permit, permit_profile, service_of
from drillbook.load.result import Result

__all__ = ["Result", "Told", "generating", "mistakes_of", "observe", "permit", "permit_profile", "service_of"]
