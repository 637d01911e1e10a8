"""`python -m drillbook` is the command `drillbook`."""

from drillbook.cli import main

main()
