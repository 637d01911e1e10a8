"""The stand-in for deal-scout: the names, endpoints and tasks of its runbook, made of the parts in `standin`."""
