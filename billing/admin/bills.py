from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.admin.base import InputAdmin
from billing.admin.filters import month_filter
from billing.admin.forms import BillForm, MeterForm
from billing.admin.sheets import METERS
from billing.models import CloseState, Meter, MonthClose, Reading, UtilityBill
from facilities.admin.filters import RegionFilter
from portal.admin_base import INPUT_ROLES, money_text, quantity_text
from portal.months import Month


@admin.register(Meter)
class MeterAdmin(InputAdmin):
    form = MeterForm
    list_display = ["ref", "community", "facility", "utility", "role", "agreement", "multiplier_text"]
    list_select_related = ["community", "facility", "agreement"]
    list_filter = [RegionFilter, "utility", "role"]
    search_fields = ["ref", "facility__name", "agreement__ref", "community__name"]
    search_help_text = _("表号、设施、协议或社区")
    autocomplete_fields = ["facility", "agreement"]
    write_roles = INPUT_ROLES
    community_from = "facility"
    fields = ["ref", "facility", "utility", "role", "agreement", "multiplier", "digits"]
    sheets = METERS

    @admin.display(description=_("倍率"))
    def multiplier_text(self, meter: Meter) -> str:
        return quantity_text(meter.multiplier)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["facility"] if obj else []


def last_posted_month(path: str) -> Subquery:
    """Return the last posted month of the community a row's path leads to."""
    posted = MonthClose.objects.filter(community=OuterRef(path), state=CloseState.POSTED)
    return Subquery(posted.order_by("-month").values("month")[:1])


@admin.register(Reading)
class ReadingAdmin(InputAdmin):
    list_display = ["meter", "facility", "utility", "read_on", "kind", "value_text"]
    list_select_related = ["meter__facility"]
    list_filter = [RegionFilter, month_filter("read_on", is_date=True), "meter__utility", "kind"]
    search_fields = [
        "meter__ref__contains",
        "meter__facility__name__contains",
        "meter__agreement__ref__contains",
    ]
    search_help_text = _("表号、设施或协议")
    autocomplete_fields = ["meter"]
    ordering = ["-read_on", "meter"]
    write_roles = INPUT_ROLES
    settled_note = _("这条读数所在的月份已经入账，不能再改；可以补录新的读数。")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.select_related("meter__facility").annotate(
            last_posted=last_posted_month("meter__community")
        )

    def is_settled(self, row: Any) -> bool:
        """A reading up to the end of the last posted month stays; new ones are always taken."""
        last = getattr(row, "last_posted", None) or ""
        return str(Month.of(row.read_on)) <= last

    @admin.display(description=_("设施"))
    def facility(self, reading: Reading) -> str:
        return str(reading.meter.facility)

    @admin.display(description=_("能源种类"))
    def utility(self, reading: Reading) -> str:
        return reading.meter.get_utility_display()

    @admin.display(description=_("读数"), ordering="value")
    def value_text(self, reading: Reading) -> str:
        return quantity_text(reading.value)


@admin.register(UtilityBill)
class UtilityBillAdmin(InputAdmin):
    form = BillForm
    list_display = [
        "ref",
        "community",
        "facility",
        "utility",
        "period",
        "quantity_text",
        "amount_text",
        "posted_in",
    ]
    list_select_related = ["community", "facility", "close", "corrects"]
    list_filter = [RegionFilter, month_filter("period_end", is_date=True), "utility"]
    search_fields = ["ref", "facility__name", "community__name"]
    search_help_text = _("账单编号、设施或社区")
    autocomplete_fields = ["facility", "corrects"]
    ordering = [F("period_end").desc(nulls_last=True), "ref"]
    write_roles = INPUT_ROLES
    community_from = "facility"
    settled_note = _("这张账单已入账，不能再改。要更正，请新录一张“冲回”它的账单，再用新编号录正确的一张。")
    fieldsets = [
        (None, {"fields": ["ref", "facility", "utility"]}),
        (_("账单内容"), {"fields": ["period_start", "period_end", "quantity", "amount", "loss_reason"]}),
        (
            _("冲回已入账的账单"),
            {"fields": ["corrects"], "description": _("冲回时只填编号、设施、能源和被冲回的账单。")},
        ),
    ]

    @admin.display(description=_("账期"), ordering="period_end")
    def period(self, bill: UtilityBill) -> str:
        if bill.corrects_id:
            return _("冲回 %(ref)s") % {"ref": bill.corrects.ref}  # type: ignore[union-attr]
        return f"{bill.period_start} – {bill.period_end}"

    @admin.display(description=_("总表用量"), ordering="quantity")
    def quantity_text(self, bill: UtilityBill) -> str:
        return quantity_text(bill.quantity)

    @admin.display(description=_("金额（元）"), ordering="amount")
    def amount_text(self, bill: UtilityBill) -> Any:
        return money_text(bill.amount)

    @admin.display(description=_("入账月份"), ordering="close")
    def posted_in(self, bill: UtilityBill) -> str:
        return bill.close.month if bill.close else "—"
