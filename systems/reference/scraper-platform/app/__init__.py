"""The stand-in for scraper-platform: the pages, jobs and words of its runbook, made of the parts in `standin`."""
