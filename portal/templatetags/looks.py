"""How amounts, dates, states and small charts look on every page."""

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from portal import charts
from portal.icons import ICONS
from portal.months import Month

register = template.Library()

MINUS = "\u2212"
NOTHING = "—"
CENT = Decimal("0.01")
_KNOWN_ICONS = frozenset(ICONS)

WEEKDAYS = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)

# state: tone, icon, word
STATES = {
    "open": ("sky", "pencil", gettext_lazy("待结账")),
    "draft": ("wall", "pencil", gettext_lazy("草稿")),
    "notice": ("sky", "speakerphone", gettext_lazy("公示中")),
    "posted": ("locust", "circle-check", gettext_lazy("已入账")),
    "blocked": ("pomegranate", "hand-stop", gettext_lazy("受阻")),
    "failed": ("pomegranate", "circle-x", gettext_lazy("出错")),
    "queued": ("wall", "hourglass", gettext_lazy("排队中")),
    "running": ("sky", "refresh", gettext_lazy("进行中")),
    "done": ("locust", "circle-check", gettext_lazy("已完成")),
    "due": ("amber", "clock", gettext_lazy("快到期")),
    "unread": ("sky", "bell", gettext_lazy("未读")),
    "waiting": ("wall", "hourglass", gettext_lazy("候补中")),
    "held": ("amber", "clock", gettext_lazy("已保留，待确认")),
    "requested": ("amber", "hourglass", gettext_lazy("待审批")),
    "confirmed": ("locust", "circle-check", gettext_lazy("已预约")),
    "attended": ("locust", "check", gettext_lazy("已签到")),
    "no_show": ("wall", "minus", gettext_lazy("未到")),
    "cancelled": ("wall", "x", gettext_lazy("已取消")),
    "rejected": ("pomegranate", "ban", gettext_lazy("未批准")),
    "expired": ("wall", "clock", gettext_lazy("已过期")),
    "check": ("amber", "alert-triangle", gettext_lazy("请核对")),
}
PLAIN_STATE = ("wall", "info-circle", "")


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite; hidden from screen readers unless it has a label of its own."""
    if name not in _KNOWN_ICONS:
        raise template.TemplateSyntaxError(f"icon {name!r} is not listed in portal/icons.py")
    sprite = static("portal/icons.svg")
    css = f"icon {css}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', css, label, sprite, name
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, sprite, name)


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _grouped(amount: Decimal, places: int) -> str:
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{places}f}"


@register.filter
def money(value: Any) -> str:
    """1,729.33 or −12.30: two decimals, a real minus; the unit stands in the head of the column."""
    amount = _decimal(value)
    return NOTHING if amount is None else _grouped(amount, 2)


@register.filter
def signed_money(value: Any) -> str:
    """A change: +12.30 or −12.30; nothing before 0.00."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    return ("+" if amount.quantize(CENT, ROUND_HALF_UP) > 0 else "") + _grouped(amount, 2)


@register.filter
def fen(value: int | None) -> str:
    """An amount kept in whole fen, shown in yuan."""
    return NOTHING if value is None else money(Decimal(value) / 100)


@register.filter
def quantity(value: Any, unit: str = "") -> str:
    """A measured quantity without trailing zeros: 1,204.5 度."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    exponent = amount.normalize().as_tuple().exponent
    places = max(-exponent, 0) if isinstance(exponent, int) else 0
    text = _grouped(amount, min(places, 4))
    return f"{text} {unit}" if unit else text


@register.filter
def percent(value: Any, places: int = 0) -> str:
    """A share of 1 as a percentage: 0.5 is 50 %."""
    amount = _decimal(value)
    return NOTHING if amount is None else f"{_grouped(amount * 100, places)}\u00a0%"


@register.filter(expects_localtime=True)
def day(value: dt.date | None) -> str:
    """11月23日 周一"""
    if value is None:
        return NOTHING
    date = formats.date_format(value, pgettext("日期格式，见 Django date 过滤器", "n月j日"))
    return _("%(date)s %(weekday)s") % {"date": date, "weekday": WEEKDAYS[value.weekday()]}


@register.filter(expects_localtime=True)
def weekday(value: dt.date) -> str:
    """周一"""
    return str(WEEKDAYS[value.weekday()])


@register.filter(expects_localtime=True)
def full_day(value: dt.date | None) -> str:
    """2026年11月23日 周一"""
    if value is None:
        return NOTHING
    date = formats.date_format(value, pgettext("日期格式，见 Django date 过滤器", "Y年n月j日"))
    return _("%(date)s %(weekday)s") % {"date": date, "weekday": WEEKDAYS[value.weekday()]}


@register.filter(expects_localtime=True)
def month(value: Month | dt.date | str | None) -> str:
    """2026年10月, from a month, a day in it or "2026-10"."""
    if not value:
        return NOTHING
    if isinstance(value, str):
        value = Month.parse(value)
    return (value if isinstance(value, Month) else Month.of(value)).words


@register.filter(expects_localtime=True)
def clock(value: dt.datetime | dt.time | None) -> str:
    """14:30"""
    return NOTHING if value is None else formats.time_format(value, "H:i")


@register.filter
def distance(metres: int | None) -> str:
    """直线约 350 米: rounded to 50 m, from 1 km on to 0.1 km, because a straight line is not a walk."""
    if metres is None:
        return NOTHING
    if metres < 1000:
        return _("直线约 %(metres)s 米") % {"metres": max(50, (metres + 25) // 50 * 50)}
    return _("直线约 %(kilometres)s 公里") % {"kilometres": _grouped(Decimal(metres) / 1000, 1)}


@register.inclusion_tag("components/pill.html")
def pill(state: str, label: str = "") -> dict[str, Any]:
    """A state as word, icon and colour; `label` replaces the usual word."""
    tone, picture, word = STATES.get(str(state), PLAIN_STATE)
    return {"tone": tone, "icon_name": picture, "word": label or word or state}


@register.inclusion_tag("components/month_bars.html")
def month_bars(
    pairs: Sequence[tuple[str, charts.Amount | None]] | None, label: str, unit: str = ""
) -> dict[str, Any]:
    """Signed bars of some months, oldest first, with the same figures as a table."""
    points = charts.points_of(pairs)
    return {"points": points, "chart": charts.signed_bars(points), "label": label, "unit": unit or _("元")}


@register.inclusion_tag("components/sparkline.html")
def sparkline(pairs: Sequence[tuple[str, charts.Amount | None]] | None, label: str) -> dict[str, Any]:
    """A line of some months, oldest first; first and last figure in words beside it."""
    points = charts.points_of(pairs)
    return {
        "points": points,
        "path": charts.line_path(points),
        "width": max(len(points), 1) * charts.STEP,
        "height": charts.HEIGHT,
        "label": label,
    }


@register.inclusion_tag("components/coverage.html")
def coverage(share: Any) -> dict[str, Any]:
    """How much of water and electricity was covered by what came in; 1 is all of it."""
    amount = _decimal(share)
    whole = None if amount is None else int((amount * 100).to_integral_value(ROUND_HALF_UP))
    if whole is None:
        tone, picture = "wall", "info-circle"
    elif whole >= 100:
        tone, picture = "locust", "circle-check"
    elif whole >= 80:
        tone, picture = "amber", "alert-triangle"
    else:
        tone, picture = "pomegranate", "trending-down"
    return {"whole": whole, "filled": min(max(whole or 0, 0), 100), "tone": tone, "icon_name": picture}


@register.inclusion_tag("components/progress.html")
def progress(done: int, total: int, label: str) -> dict[str, Any]:
    """How far a long job is."""
    return {"done": done, "total": total, "label": label, "finished": total > 0 and done >= total}
