"""Load: a profile is run by a process of its own, its samples are taken in, and what they come to is said."""
