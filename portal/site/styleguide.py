"""Every component in every state, on made-up figures."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from portal.context import THEMES, Look, look_of
from portal.months import Month

SURPLUS = [
    Decimal(fen) / 100
    for fen in (-41210, -38000, -9535, 12040, 31000, 8812, -64077, -120830, -70200, -15065, -150218, -172933)
]
SHARES = [Decimal(number) for number in (62, 64, 71, 80, 92, 85, 60, 48, 55, 74, 52, 50)]
STEPS = [
    {
        "text": _("总表本月用电 2,310 度，电费 1,613.99 元"),
        "figure": Decimal("1613.99"),
        "unit": _("元"),
        "rule": "4.1",
        "origin": _("供电公司账单 2026-10，抄表日 10月31日"),
    },
    {
        "text": _("花店分表用电 186 度，占全部用量的 8.05 %"),
        "figure": Decimal("129.96"),
        "unit": _("元"),
        "rule": "4.3",
        "origin": _("分表 DB-07：起 10,422 止 10,608"),
    },
    {
        "text": _("单价不高于居民电价，按上限减收"),
        "figure": Decimal("-11.04"),
        "unit": _("元"),
        "rule": "5.2",
        "origin": "",
    },
    {
        "text": _("本月应付"),
        "figure": Decimal("118.92"),
        "unit": _("元"),
        "rule": "",
        "origin": "",
        "result": True,
    },
]
ROWS = [
    {
        "name": _("共享食堂（府边餐饮）"),
        "revenue": Decimal("28640.00"),
        "rebate": Decimal("1432.00"),
        "share": Decimal("812.40"),
        "state": "posted",
    },
    {
        "name": _("插花教室"),
        "revenue": Decimal("2709.60"),
        "rebate": Decimal("135.48"),
        "share": Decimal("118.92"),
        "state": "notice",
    },
    {
        "name": _("名字很长的日间照料与康复护理综合服务中心（二期，含助浴间和失智照护专区）"),
        "revenue": Decimal("1234567.89"),
        "rebate": Decimal("61728.39"),
        "share": Decimal("-23.10"),
        "state": "blocked",
    },
    {"name": _("儿童托管室"), "revenue": None, "rebate": None, "share": Decimal("0.00"), "state": "draft"},
]


class ReadingForm(forms.Form):
    meter = forms.CharField(label=_("电表"), initial="DB-07")
    value = forms.DecimalField(
        label=_("本月读数"), help_text=_("照表上的数字抄，不含小数点后的红字"), min_value=0
    )
    kind = forms.ChoiceField(
        label=_("读数方式"), choices=[("read", _("现场抄表")), ("told", _("服务商自报"))]
    )
    note = forms.CharField(label=_("说明"), required=False, widget=forms.Textarea)
    sure = forms.BooleanField(label=_("我已核对表号"), required=False)


def _look(request: HttpRequest) -> Look:
    """The reader's own look, or the one asked for in the address."""
    own = look_of(request)
    theme = request.GET.get("theme", own.theme)
    elder = request.GET.get("elder", "1" if own.elder else "0")
    return Look(theme=theme if theme in THEMES else own.theme, elder=elder == "1")


def _points(values: list[Decimal]) -> list[tuple[str, Decimal]]:
    month, points = Month(2026, 10), []
    for value in reversed(values):
        points.append((str(month), value))
        month = month.previous()
    return points[::-1]


@login_not_required
@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    context = {
        "look": _look(request),
        "place": _("黄河社区"),
        "place_in": _("西安市新城区长乐西路街道"),
        "surplus": _points(SURPLUS),
        "shares": _points(SHARES),
        "young": [("2026-09", None), ("2026-10", Decimal("-12.00"))],
        "cover_all": Fraction(113, 100),
        "cover_most": Fraction(86, 100),
        "cover_half": Fraction(1, 2),
        "steps": STEPS,
        "rows": ROWS,
        "form": ReadingForm(),
        "wrong_form": ReadingForm({"meter": "", "value": "-3", "kind": "read"}),
        "page": Paginator(range(2000), 50).get_page(request.GET.get("page", 3)),
        "on": dt.date(2026, 11, 23),
        "october": Month(2026, 10),
        "crumbs": [(_("西安市"), "#"), (_("新城区"), "#"), (_("长乐西路街道"), "#"), (_("黄河社区"), "")],
        "tabs": [
            (_("收支"), "#tabs", "receipt-yuan", True),
            (_("每一笔怎么算的"), "#", "calculator", False),
            (_("以前各月"), "#", "history", False),
        ],
    }
    context["thumbs"] = [
        (_("首页"), "/", "home", True),
        (_("服务"), "#stats", "search", False),
        (_("我的"), "#forms", "user", False),
        (_("说说"), "#notes", "message-circle", False),
    ]
    return render(request, "styleguide.html", context)
