"""Tell those a booking is for what became of it, unless it was their own doing."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.bookings.checking import is_staff_of
from facilities.models import Booking, BookingState, Space
from portal.notifications import tell

# By what became of it: the title and what to do now.
WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    BookingState.CONFIRMED: (
        gettext_lazy("预约成功"),
        gettext_lazy("请准时到，开始前 30 分钟起可以签到；来不了请提前取消。"),
    ),
    BookingState.REJECTED: (
        gettext_lazy("预约没有批准"),
        gettext_lazy("可以换个时间或房间再约，或联系社区。"),
    ),
    BookingState.CANCELLED: (
        gettext_lazy("预约被社区取消"),
        gettext_lazy("如有疑问请联系社区，也可以另约时间。"),
    ),
    BookingState.HELD: (gettext_lazy("候补到了，请确认"), ""),
    BookingState.EXPIRED: (gettext_lazy("预约已过期"), gettext_lazy("需要的话请重新预约。")),
}
EXPIRED_WORDS: dict[str, str | Promise] = {
    BookingState.HELD: gettext_lazy("为您保留的时间没有确认，已让给别人"),
    BookingState.WAITING: gettext_lazy("这次没有候补到"),
    BookingState.REQUESTED: gettext_lazy("预约没有等到审批，已过期"),
}


def where_and_when(booking: Booking) -> str:
    start, end = timezone.localtime(booking.starts_at), timezone.localtime(booking.ends_at)
    return _("%(month)d月%(day)d日 %(start)s–%(end)s，%(facility)s · %(space)s。") % {
        "month": start.month,
        "day": start.day,
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
        "facility": booking.space.facility,
        "space": booking.space,
    }


def tell_of(booking: Booking, *, by: Any, was: str = "") -> None:
    """Say what the booking has become to those it is for, but not to who did it."""
    if booking.state in WORDS:
        _say(booking, [one for one in _those(booking) if by is None or one.pk != by.pk], was)


def tell_made(made: list[Booking], *, by: Any) -> None:
    """Confirm what was booked at once, a series in one message; staff need no receipt for their entries."""
    first = made[0]
    if first.state == BookingState.CONFIRMED:
        is_entered = is_staff_of(first.space, by)
        _say(first, [one for one in _those(first) if not is_entered or one.pk != by.pk], more=len(made) - 1)


def tell_moved(space: Space, bookings: list[Booking]) -> None:
    """Tell of a room that is made of other parts now: the bookings stand, what one finds there may differ."""
    tell(
        [one for booking in bookings for one in _those(booking)],
        "booking.moved",
        subject=None,
        title=_("房间有调整：%(space)s") % {"space": space},
        text=_("%(facility)s · %(space)s的场地有调整，您的预约和时间不变。请核对一下，不合适可以取消再约。")
        % {"facility": space.facility, "space": space},
        url=reverse("my_bookings"),
        key=f"booking:moved:{space.pk}:{timezone.now().isoformat()}",
    )


def _those(booking: Booking) -> list[Any]:
    """Whoever booked, and the resident it is for if they have an account."""
    people = [booking.booked_by, booking.resident.account if booking.resident else None]
    return [one for one in people if one is not None]


def _say(booking: Booking, people: list[Any], was: str = "", more: int = 0) -> None:
    if not people:
        return
    title, advice = WORDS[booking.state]
    if booking.state == BookingState.EXPIRED:
        title = EXPIRED_WORDS.get(was, title)
    if booking.state == BookingState.HELD:
        until = timezone.localtime(booking.hold_until)
        advice = _("为您保留到 %(day)s %(time)s，请在这之前确认，过时会让给别人。") % {
            "day": _("%(month)d月%(day)d日") % {"month": until.month, "day": until.day},
            "time": f"{until:%H:%M}",
        }
    parts = [where_and_when(booking), advice]
    if more:
        parts.insert(1, _("同一系列另有 %d 次。") % more)
    tell(
        people,
        f"booking.{booking.state}",
        subject=None,
        title=_("%(what)s：%(space)s") % {"what": title, "space": booking.space},
        text="".join(str(part) for part in parts),
        url=reverse("my_bookings"),
        key=f"booking:{booking.pk}:{booking.state}",
    )
