"""Probes: they ask a service one thing each, and what they bring home is judged elsewhere."""
