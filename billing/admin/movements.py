from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from billing.admin.base import InputAdmin, MovementAdmin
from billing.admin.filters import month_filter
from billing.admin.forms import OpeningBalanceForm
from billing.models import Correction, OpeningBalance, Payment, Receipt, TopUp, Transfer
from facilities.admin.filters import RegionFilter
from portal.admin_base import MONEY_ROLES, ScopedAdmin, money_text

IN_MONTH = month_filter("date", is_date=True)


class MoneyColumns(ScopedAdmin):
    """Columns that every movement of money has."""

    write_roles = MONEY_ROLES

    @admin.display(description=_("金额（元）"), ordering="amount")
    def amount_text(self, row: Any) -> Any:
        return money_text(row.amount)

    @admin.display(description=_("入账月份"), ordering="close")
    def posted_in(self, row: Any) -> str:
        return row.close.month if row.close else "—"


@admin.register(OpeningBalance)
class OpeningBalanceAdmin(MoneyColumns, MovementAdmin):
    form = OpeningBalanceForm
    list_display = ["community", "fund", "amount_text", "posted_in"]
    list_select_related = ["community", "close"]
    list_filter = [RegionFilter, "fund"]
    search_fields = ["community__name"]
    fields = ["community", "fund", "amount"]


@admin.register(TopUp)
class TopUpAdmin(MoneyColumns, MovementAdmin):
    list_display = ["ref", "community", "fund", "date", "amount_text", "source", "posted_in"]
    list_select_related = ["community", "close"]
    list_filter = [RegionFilter, IN_MONTH, "fund"]
    search_fields = ["ref", "source", "community__name"]
    fields = ["community", "ref", "fund", "date", "amount", "source"]


@admin.register(Transfer)
class TransferAdmin(MoneyColumns, MovementAdmin):
    list_display = ["ref", "community", "from_fund", "to_fund", "date", "amount_text", "minutes", "posted_in"]
    list_select_related = ["community", "close"]
    list_filter = [RegionFilter, IN_MONTH, "from_fund", "to_fund"]
    search_fields = ["ref", "minutes", "community__name"]
    fields = ["community", "ref", "from_fund", "to_fund", "date", "amount", "minutes"]


@admin.register(Receipt)
class ReceiptAdmin(MoneyColumns, MovementAdmin):
    list_display = ["ref", "community", "provider", "date", "amount_text", "posted_in"]
    list_select_related = ["community", "provider", "close"]
    list_filter = [RegionFilter, IN_MONTH]
    search_fields = ["ref", "provider__name", "community__name"]
    autocomplete_fields = ["provider"]
    fields = ["community", "ref", "provider", "date", "amount"]


@admin.register(Correction)
class CorrectionAdmin(MoneyColumns, InputAdmin):
    list_display = ["ref", "agreement", "community", "date", "amount_text", "fund", "reason", "posted_in"]
    list_select_related = ["agreement", "community", "close"]
    list_filter = [RegionFilter, IN_MONTH, "fund"]
    search_fields = ["ref", "agreement__ref", "reason", "community__name"]
    autocomplete_fields = ["agreement"]
    community_from = "agreement"
    fields = ["ref", "agreement", "fund", "date", "amount", "reason"]


@admin.register(Payment)
class PaymentAdmin(MoneyColumns, InputAdmin):
    list_display = ["ref", "bill", "community", "date", "amount_text", "posted_in"]
    list_select_related = ["bill", "community", "close"]
    list_filter = [RegionFilter, IN_MONTH]
    search_fields = ["ref", "bill__ref", "community__name"]
    autocomplete_fields = ["bill"]
    community_from = "bill"
    fields = ["ref", "bill", "date", "amount"]
