"""Numbers that commands are given: what makes no sense is refused before anything is done."""

from argparse import ArgumentTypeError
from collections.abc import Callable

from django.utils.translation import gettext as _


def at_least(least: int) -> Callable[[str], int]:
    """Take whole numbers from `least` on."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise ArgumentTypeError(_("请写一个不小于 %s 的整数。") % least)
        return value

    return number
