"""What is not kuya-comps' own: `python -m app.stubs searchapi|ebay|sentry` is one of those APIs as users see it."""

from __future__ import annotations

import os
import sys

from app import ebay, searchapi, sentry
from standin.serving import serve
from standin.upstream import application

STUBS = {"searchapi": searchapi.routes, "ebay": ebay.routes, "sentry": sentry.routes}

if __name__ == "__main__":
    serve(application(STUBS[sys.argv[1]](), os.environ.get("KUYA_COMPS_TROUBLE") or None))
