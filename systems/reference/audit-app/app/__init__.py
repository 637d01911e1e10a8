"""The stand-in for audit-app: the names, pages and tables of its runbook, made of the parts in `standin`."""
