"""A repository of one's own: made from what the installed package brings, and held against it after an upgrade."""
