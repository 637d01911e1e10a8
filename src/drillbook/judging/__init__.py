"""How a value becomes a verdict, and verdicts an exit code: nothing in here asks anybody anything."""
