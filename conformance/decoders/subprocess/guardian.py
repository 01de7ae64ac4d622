"""Ends the child processes of a sliceproof that can no longer do so itself, because it was killed.

Run as a script of its own (`python -I -S guardian.py`). Reads `+PGID` and `-PGID` lines: a group that
began, a group that is gone. Whatever way the writer ends, the pipe closes, and what is left is killed.
"""

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Read until the writer is gone, then kill the groups that it left."""
    groups: set[int] = set()
    for line in sys.stdin.buffer:
        number = int(line[1:])
        groups.add(number) if line[:1] == b"+" else groups.discard(number)
    for group in groups:
        with suppress(OSError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
