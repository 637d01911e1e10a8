"""Fixes: the steps that runbooks prescribe, on a drill's own stack. Each says what it did."""

from drillbook.fixes.steps import Fix, free_aged_files, in_turn, recreate, restart, start, terminate_sessions

__all__ = ["Fix", "free_aged_files", "in_turn", "recreate", "restart", "start", "terminate_sessions"]
