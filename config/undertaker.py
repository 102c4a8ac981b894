"""Ends the supervisor's process groups when the supervisor is gone, killed with -9 included.

Reads `+PID` (a group began) and `-PID` (it ended) on standard input. The end of the input means
that the supervisor is gone: what is left is asked to stop, latest first, then killed. It also
holds the supervisor's lock, so that a new start waits until all is quiet.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 5.0


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    bury(read_groups(sys.stdin))


def read_groups(lines: Iterable[str]) -> list[int]:
    """The groups still alive when the input ends, in the order of their start."""
    groups: list[int] = []
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            groups.append(group)
        elif group in groups:
            groups.remove(group)
    return groups


def bury(groups: list[int]) -> None:
    for group in reversed(groups):
        send(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(send(group, 0) for group in groups):
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Whether there was still a process of `group` to receive the signal."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
