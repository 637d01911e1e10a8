"""The load generator: a process of its own that runs one profile, and tells its parent what comes of it."""
