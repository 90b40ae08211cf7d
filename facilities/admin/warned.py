"""Bookings that a change leaves standing in the way, named to whoever made it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from facilities.bookings.touched import RULE, Trouble, Troubles, in_trouble
from facilities.models import Booking, Space

MOST_NAMED = 6


def warn_of_hours(model_admin: Any, request: HttpRequest, rows: QuerySet[Booking]) -> None:
    """Name those of these bookings that now lie outside the hours."""
    found = in_trouble(rows)
    if outside := [one for one in found if "closed" in one.why]:
        text = _("{} 个预约不在开放时间里了：{}。请联系预约人改期，或取消。")
        _warn(model_admin, request, text, outside)
    _say_if_cut(model_admin, request, found)


def warn_of_rule(model_admin: Any, request: HttpRequest, space: Space) -> None:
    """Say that bookings stay as they were made, and name those that the new rule would refuse."""
    rows = Booking.objects.filter(space=space)
    found = in_trouble(rows)
    broken = [one for one in found if one.why.keys() & RULE]
    if broken:
        text = _("{} 个已有的预约不合新规则，仍然保留：{}。需要的话请联系预约人改期，或取消。")
        _warn(model_admin, request, text, broken)
    elif number := rows.taking().filter(ends_at__gt=timezone.now()).count():
        text = _("已有的 %d 个预约按原来的规则保留，新规则只管以后的预约。")
        model_admin.message_user(request, text % number, level="WARNING")
    _say_if_cut(model_admin, request, found)


def _say_if_cut(model_admin: Any, request: HttpRequest, found: Troubles) -> None:
    if found.is_cut:
        model_admin.message_user(request, found.note, level="WARNING")


def _warn(model_admin: Any, request: HttpRequest, text: Any, troubles: list[Trouble]) -> None:
    named = "、".join(
        f"{one.booking.space} {timezone.localtime(one.booking.starts_at):%m-%d %H:%M}"
        for one in troubles[:MOST_NAMED]
    )
    link = format_html('<a href="{}">{}</a>', reverse("admin:rooms_touched"), _("去处理"))
    told = format_html("{} {}", str(text).format(len(troubles), named), link)
    model_admin.message_user(request, told, level="WARNING")
