"""Runs of the suite that happen at once in one work tree get a database and a Redis prefix each."""

import fcntl
import os
from itertools import count
from pathlib import Path

_held: list[int] = []


def slot(folder: Path) -> str:
    """The number of this run, the first free one; the workers of one run share it."""
    if "TEST_SLOT" not in os.environ:
        folder.mkdir(parents=True, exist_ok=True)
        for number in count():
            lock = os.open(folder / f"slot-{number}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            _held.append(lock)
            os.environ["TEST_SLOT"] = str(number)
            break
    return os.environ["TEST_SLOT"]
