"""`drillbook init`: looks at what answers, and writes a first system file that says what was found."""
