"""A stranger who asks twenty times a second, without a token: `python -m app.stranger ADDRESS`."""

import sys
import time

from standin.visitor import ask

if __name__ == "__main__":
    while True:
        ask("http://127.0.0.1:8000/api/v1/counties", {"X-Forwarded-For": sys.argv[1]})
        time.sleep(0.05)
