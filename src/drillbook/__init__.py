"""Drillbook proves that a system can be operated."""
