"""Parts of which the stand-in systems are made: written once, used by every system's `app` package."""
