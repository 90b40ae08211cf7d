"""What is too early for a month: none is drafted that has not begun, none is posted that is not over.

For whoever orders it; `closing.close_batch` itself computes any month.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Refused
from portal.months import Month


class TooEarly(Refused):
    """It is not yet time for this month."""


def has_begun(month: Month) -> bool:
    return month <= Month.of(timezone.localdate())


def is_over(month: Month) -> bool:
    return month < Month.of(timezone.localdate())


def expect_begun(month: Month) -> None:
    if not has_begun(month):
        text = _("%(month)s 还没有开始，不能做这个月的账。现在可以做的最晚一个月是 %(now)s。")
        raise TooEarly(text % {"month": month.words, "now": Month.of(timezone.localdate()).words})


def expect_over(month: Month) -> None:
    if not is_over(month):
        first = month.next().first
        text = _("%(month)s 还没有过完，不能入账；到 %(number)d 月 1 日再来。现在可以先算草稿核对。")
        raise TooEarly(text % {"month": month.words, "number": first.month})
