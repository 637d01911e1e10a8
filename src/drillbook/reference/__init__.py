"""The reference: every key of a system file, every limit and every message, as pages, as a schema, and one by one."""
