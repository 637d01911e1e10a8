"""Drills: something breaks on purpose, the real checks watch, and what clients were promised is read back."""
