"""The generator, with less patience than it has: `python hurried.py SECONDS FILE`, where a request may take SECONDS."""

import sys

from drillbook.load.generator import client

client.SECONDS = float(sys.argv.pop(1))

if __name__ == "__main__":
    from drillbook.load.generator.__main__ import main

    main()
