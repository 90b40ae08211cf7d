"""Tell residents that a month of their community is under notice."""

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import MonthClose
from portal.models import User
from portal.months import in_words
from portal.notifications import tell


def tell_notice(close: MonthClose) -> None:
    """Tell every resident of the community with an account until when the month is open to objections."""
    until, place = close.notice_until, close.community
    if until is None:
        return
    tell(
        User.objects.filter(resident__community=place, resident__erased_at=None),
        "month.notice",
        subject=None,
        title=_("%(place)s %(month)s 账目公示") % {"place": place, "month": in_words(close.month)},
        text=_("这个月的钱花在哪里已经公开。有疑问请在%(month)d月%(day)d日前（含当天）提异议，社区会答复。")
        % {"month": until.month, "day": until.day},
        url=reverse("objections", args=[place.pk, close.month]),
        key=f"month:{place.pk}:{close.month}:notice:{until}",
    )
