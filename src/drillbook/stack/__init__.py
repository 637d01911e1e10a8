"""Throwaway copies of a system, started from its compose file: planned, started, waited for, removed."""
