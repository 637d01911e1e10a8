"""The stand-in for kuya-comps: the names, pages, settings and errors of its runbook, made of the parts in `standin`."""
