"""Tell people of a month: residents that it is under notice, who confirmed it that it is held back."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import MonthClose
from billing.review import Finding
from portal.models import User
from portal.months import in_words
from portal.notifications import tell

MOST = 20  # findings named in a message; the page of the month has them all


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


@transaction.atomic
def tell_held_back(month: str, lacking: Mapping[str, Sequence[Finding]]) -> None:
    """Tell who confirmed these months, once, that the clock does not post them, and what they lack."""
    closes = MonthClose.objects.filter(month=month, community__in=lacking, confirmed_by__isnull=False)
    for close in closes.select_related("community", "confirmed_by"):
        place, found = close.community, lacking[close.community_id]
        names = {"place": place, "month": in_words(month), "count": len(found)}
        lines = [_("%(place)s：%(text)s") % {"place": one.where, "text": one.text} for one in found[:MOST]]
        tell(
            close.confirmed_by,
            "month.held_back",
            subject=place,
            title=_("%(place)s %(month)s 还缺 %(count)d 项，没有入账") % names,
            text="\n".join(
                [
                    _("您确认过的这个月公示已满，但还有数据没录入，所以没有自动入账。"),
                    *lines,
                    _("请催录入的人补齐；确定不等的，打开这个月再确认一次，就按现有的数据入账。"),
                ]
            ),
            url=reverse("admin:books_month", args=[place.pk, month]),
            key=f"month:{place.pk}:{month}:held:{close.version}:{close.notice_until}",
        )
