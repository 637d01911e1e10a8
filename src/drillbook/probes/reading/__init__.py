"""The readers: they do the asking, one module a kind of service. What they bring home is plain JSON."""
