"""The admin's menu: what somebody may open, grouped as the work is."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

# Group, its icon-bearing items: icon, app and model. A model nobody may look at is left out.
GROUPS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "month",
        [
            ("speed", "billing.reading"),
            ("receipt_long", "billing.utilitybill"),
            ("storefront", "billing.revenue"),
            ("event_available", "billing.monthclose"),
            ("forum", "billing.objection"),
            ("notifications", "billing.reminder"),
            ("published_with_changes", "billing.closerun"),
        ],
    ),
    (
        "places",
        [
            ("domain", "facilities.facility"),
            ("explore", "facilities.site"),
            ("construction", "facilities.project"),
            ("flag_circle", "facilities.milestone"),
            ("meeting_room", "facilities.space"),
            ("layers", "facilities.zone"),
            ("schedule", "facilities.openinghours"),
            ("event_busy", "facilities.closure"),
            ("list_alt", "facilities.booking"),
            ("sync", "facilities.externalcalendar"),
            ("directions_walk", "facilities.visitcount"),
            ("sentiment_dissatisfied", "facilities.refusedwish"),
            ("handshake", "services.provider"),
            ("contract", "services.agreement"),
            ("electric_meter", "billing.meter"),
        ],
    ),
    (
        "people",
        [
            ("person", "residents.resident"),
            ("family_restroom", "residents.household"),
            ("campaign", "residents.need"),
            ("visibility", "residents.personalview"),
        ],
    ),
    (
        "terms",
        [
            ("balance", "billing.sharingrule"),
            ("bolt", "billing.utilityterm"),
            ("payments", "billing.chargeterm"),
            ("volunteer_activism", "billing.rebateterm"),
            ("sell", "billing.tariff"),
        ],
    ),
    (
        "money",
        [
            ("south_west", "billing.receipt"),
            ("north_east", "billing.payment"),
            ("savings", "billing.topup"),
            ("swap_horiz", "billing.transfer"),
            ("edit_note", "billing.correction"),
            ("flag", "billing.openingbalance"),
        ],
    ),
    (
        "books",
        [
            ("monitoring", "billing.communitymonth"),
            ("pie_chart", "billing.billsharing"),
            ("format_list_numbered", "billing.share"),
            ("request_quote", "billing.charge"),
            ("favorite", "billing.rebate"),
            ("menu_book", "billing.entry"),
            ("account_balance", "billing.account"),
            ("calendar_month", "billing.accountmonth"),
            ("map", "billing.regionmonth"),
        ],
    ),
    (
        "system",
        [
            ("group", "portal.user"),
            ("history", "portal.auditentry"),
            ("download", "portal.export"),
            ("outgoing_mail", "portal.delivery"),
            ("location_city", "facilities.community"),
            ("account_tree", "facilities.region"),
            ("category", "facilities.category"),
            ("rule", "facilities.norm"),
            ("celebration", "facilities.holiday"),
        ],
    ),
]


def _titles() -> dict[str, str]:
    return {
        "month": _("录入与月结"),
        "places": _("空间与服务商"),
        "people": _("居民"),
        "terms": _("约定与价格"),
        "money": _("资金往来"),
        "books": _("账本（只读）"),
        "system": _("人员与地区"),
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu for whoever asks; the folded groups open where one is."""
    start = {"title": _("工作台"), "icon": "home", "link": reverse("admin:index")}
    books = reverse("admin:books")
    is_books = request.path.startswith(books)
    work = {"title": _("每月账"), "icon": "calendar_today", "link": books, "active": is_books}
    calendar = _page(request, "calendar_view_week", _("预约日历"), "rooms_calendar")
    use = _page(request, "donut_large", _("空间利用率"), "rooms_use")
    titles = _titles()
    groups: list[dict[str, Any]] = [{"title": _("今天"), "items": [start, work, calendar, use]}]
    for name, items in GROUPS:
        shown = [item for item in (_item(request, icon, label) for icon, label in items) if item]
        if shown:
            folded = name not in ("month", "places")
            groups.append({"title": titles[name], "items": shown, "collapsible": folded, "separator": True})
    return groups


def _page(request: HttpRequest, icon: str, title: str, name: str) -> dict[str, Any]:
    link = reverse(f"admin:{name}")
    return {"title": title, "icon": icon, "link": link, "active": request.path == link}


def _item(request: HttpRequest, icon: str, label: str) -> dict[str, Any] | None:
    app, model = label.split(".")
    for registered, model_admin in admin.site._registry.items():
        if registered._meta.label_lower == label and model_admin.has_view_permission(request):
            title = registered._meta.verbose_name_plural
            link = reverse(f"admin:{app}_{model}_changelist")
            is_here = request.path.startswith(link) and not request.path.startswith(reverse("admin:books"))
            return {"title": title, "icon": icon, "link": link, "active": is_here}
    return None
