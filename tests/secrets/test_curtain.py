"""What a process writes to its terminal is scrubbed, whoever writes it and in however many pieces."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGIN = """
import sys
from drillbook.common.curtain import draw_curtain
from drillbook.common.redact import keep_secret
before = sys.stdout
draw_curtain()
draw_curtain()
keep_secret("Sup3rS3cretPart")
"""


def told(code: str) -> str:
    """All that a process says that draws the curtain and runs `code`."""
    done = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "print('it is', 'Sup3rS3cretPart')",
        "sys.stdout.write('it is Sup3r'); sys.stdout.write('S3cretPart\\n')",
        "before.write('it is Sup3rS3cretPart')",
        "sys.stdout.writelines(['it is ', 'Sup3r', 'S3cretPart'])",
        "print('it is Sup3rS3cretPart', file=sys.stderr, flush=True)",
        "print('it is Sup3rS3cretPart', file=sys.__stderr__)",
        "raise RuntimeError('it is Sup3rS3cretPart')",
        "import logging; logging.warning('it is %r', 'Sup3rS3cretPart')",
        "import typer; typer.echo('it is Sup3rS3cretPart')",
        "import typer; typer.echo('it is Sup3rS3cretPart', err=True)",
        "import warnings; warnings.warn('it is Sup3rS3cretPart')",
    ],
)
def test_no_secret_is_written(code):
    said = told(code)
    assert "it is ***" in said.replace("'", "")
    assert "b'" not in said
    assert "S3cret" not in said.replace(code, "")


def test_what_is_flushed_is_seen_at_once():
    assert told("print('so far', end='', flush=True); import os; os._exit(0)") == "so far"
