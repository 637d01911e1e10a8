"""Ties a process to its parent: it ends when the parent ends, however that ends. Then it becomes the program.

`python -I -S tether.py PARENT PROGRAM ARGUMENT …`: a program of its own and not a `preexec_fn`, which may hang in a
process that has threads. It imports nothing of Drillbook's, so that it costs some 20 ms.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Becomes the program, tied to PARENT."""
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):  # it ended before it could be tied to
        os.kill(os.getpid(), signal.SIGKILL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and what is ignored stays so
        signal.signal(number, signal.SIG_DFL)
    os.execvp(command[0], command)  # noqa: S606 (there is nothing for a shell to do)


if __name__ == "__main__":
    main()
