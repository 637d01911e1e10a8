"""The stand-in for social-analytics: the names, pages and jobs of its runbook, made of the parts in `standin`."""
