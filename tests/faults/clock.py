"""The portal's settings with a clock that a test sets: seconds to add stand in the file CLOCK_FILE names."""

import datetime as dt
import os
from pathlib import Path

from django.utils import timezone

from portal.settings import *  # noqa: F403

_file = Path(os.environ["CLOCK_FILE"])


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=float(_file.read_text() or 0))


timezone.now = now
