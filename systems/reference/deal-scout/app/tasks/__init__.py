"""Celery's tasks, one module each."""
