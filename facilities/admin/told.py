"""What a house is made of and when it is open, told on its page with the ways to change it."""

from collections.abc import Callable
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from facilities.models import Facility, OpeningHours, Space
from facilities.opening import lines_of


def link(name: str, text: Any, args: Any = (), **query: Any) -> SafeString:
    address = reverse(f"admin:facilities_{name}", args=args) + (f"?{urlencode(query)}" if query else "")
    return format_html("<a href='{}'>{}</a>", address, text)


def links(*some: SafeString) -> SafeString:
    return format_html("<p>{}</p>", mark_safe(" · ".join(some)))


def told_once(row: Any, name: str, tell: Callable[[], SafeString]) -> SafeString:
    """What is told of a row, made once: the admin asks for a field several times."""
    told = row.__dict__.setdefault("_told", {})
    if name not in told:
        told[name] = tell()
    return told[name]


def rooms_list(facility: Facility) -> SafeString:
    """Floor by floor the zones and their rooms; ways to add one, and to the page everybody sees."""
    rooms = facility.spaces.select_related("zone").order_by("floor", "zone__name", "pk")
    floors = format_html_join(
        "",
        "<li><b>{}</b> {}</li>",
        ((name, _rooms_of(list(some))) for name, some in groupby(rooms, key=lambda room: _place(room))),
    )
    ways = links(
        link("space_add", _("加房间"), facility=facility.pk),
        link("zone_add", _("加分区"), facility=facility.pk),
        format_html("<a href='{}'>{}</a>", reverse("facility", args=[facility.pk]), _("居民看到的页面")),
        format_html("<a href='{}?facility={}'>{}</a>", reverse("admin:rooms_use"), facility.pk, _("利用率")),
    )
    return format_html("<ul class='checks'>{}</ul>{}", floors, ways)


def _place(room: Space) -> str:
    return f"{room.floor_name} {room.zone.name}" if room.zone else room.floor_name


def _rooms_of(rooms: list[Space]) -> SafeString:
    return mark_safe("、".join(link("space_change", room.name, [room.pk]) for room in rooms))


def hours_list(facility: Facility, space: Space | None) -> SafeString:
    """The hours of a house or of one room; without its own the room follows the house."""
    rows = OpeningHours.objects.filter(facility=facility, space=space)
    lines = format_html_join(
        "", "<li>{} {} {}</li>", ((line.days, line.times, line.note) for line in lines_of(rows))
    )
    told = lines or format_html(
        "<li>{}</li>",
        _("没有自己的时间，按设施的时间开放。") if space else _("还没有填开放时间，房间都约不了。"),
    )
    place = {"facility": facility.pk} | ({"space": space.pk} if space else {})
    whose = {"space__id__exact": space.pk} if space else {"facility__id__exact": facility.pk}
    ways = links(
        link("openinghours_add", _("加开放时间"), **place),
        link("openinghours_changelist", _("逐条修改"), **whose),
        link("closure_add", _("安排闭馆"), **place),
        link("closure_changelist", _("已安排的闭馆"), **whose),
    )
    return format_html("<ul class='checks'>{}</ul>{}", told, ways)
