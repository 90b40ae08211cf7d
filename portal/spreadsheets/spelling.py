"""How people write months, dates, yes and no, in either language."""

import re
from typing import Any

from django.conf import settings
from django.utils import translation

MONTH = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})月?")
DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
YES = ("是", "1", "true", "yes", "√")
NO = ("否", "0", "false", "no", "×")


def in_every_language(text: Any) -> set[str]:
    """The ways one text is written: a file made in one language comes in with the other."""
    found = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(str(text))
    return found
