"""What a service's own metrics say about its traffic: from a page, from a Prometheus, from our own requests."""
