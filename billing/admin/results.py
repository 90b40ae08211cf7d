"""What months computed and posted: to look at, never to change."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from billing.admin.filters import month_filter
from billing.models import (
    Account,
    AccountMonth,
    BillSharing,
    Charge,
    CommunityMonth,
    Entry,
    Line,
    Rebate,
    RegionMonth,
    Share,
)
from billing.workbench import account
from facilities.admin.filters import RegionFilter
from portal.admin_base import AppendOnlyAdmin, money_text, quantity_text
from portal.months import Month

IN_CLOSE = month_filter("close__month")


class CloseColumns(AppendOnlyAdmin):
    """The month and community a computed row belongs to."""

    @admin.display(description=_("月份"), ordering="close__month")
    def closed_in(self, row: Any) -> str:
        return row.close.month

    @admin.display(description=_("社区"))
    def community(self, row: Any) -> str:
        return str(row.close.community)

    @admin.display(description=_("月结状态"))
    def state(self, row: Any) -> str:
        return row.close.get_state_display()

    @admin.display(description=_("金额（元）"), ordering="amount")
    def amount_text(self, row: Any) -> Any:
        return money_text(row.amount)


@admin.register(BillSharing)
class BillSharingAdmin(CloseColumns):
    list_display = ["bill_ref", "facility", "utility", "community", "closed_in", "state", "bill_amount"]
    list_select_related = ["bill__facility", "close__community"]
    list_filter = [RegionFilter, IN_CLOSE, "bill__utility"]
    search_fields = ["bill__ref", "bill__facility__name"]
    fields = ["bill_ref", "closed_in", "state", "parts"]
    readonly_fields = fields

    @admin.display(description=_("账单"), ordering="bill__ref")
    def bill_ref(self, row: BillSharing) -> str:
        return row.bill.ref

    @admin.display(description=_("设施"))
    def facility(self, row: BillSharing) -> str:
        return str(row.bill.facility)

    @admin.display(description=_("能源种类"))
    def utility(self, row: BillSharing) -> str:
        return row.bill.get_utility_display()

    @admin.display(description=_("账单金额（元）"))
    def bill_amount(self, row: BillSharing) -> Any:
        return money_text(row.bill.amount)

    @admin.display(description=_("各方分摊"))
    def parts(self, row: BillSharing) -> str:
        shares = row.shares.select_related("agreement").order_by("agreement__ref")
        cells = (
            (one.agreement or _("社区"), quantity_text(one.quantity), money_text(one.amount))
            for one in shares
        )
        return _table((_("协议"), _("用量"), _("实付（元）")), cells)


def _table(heads: Any, rows: Any) -> str:
    """Return a small table of a read-only field."""
    head = format_html_join("", "<th scope='col'>{}</th>", ((text,) for text in heads))
    body = format_html_join("", "<tr>{}</tr>", ((_cells(row),) for row in rows))
    return format_html(
        "<table class='plain-table'><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body
    )


def _link(address: str, text: Any) -> str:
    return format_html("<a class='text-link' href='{}'>{}</a>", address, text)


def _cells(row: Any) -> str:
    return format_html_join("", "<td>{}</td>", ((cell,) for cell in row))


@admin.register(Share)
class ShareAdmin(CloseColumns):
    list_display = [
        "bill",
        "agreement_name",
        "community",
        "closed_in",
        "state",
        "used",
        "gross",
        "subsidy",
        "amount",
    ]
    list_select_related = ["sharing__bill", "sharing__close__community", "agreement__provider"]
    list_filter = [RegionFilter, month_filter("sharing__close__month"), "sharing__bill__utility"]
    # Compared as written: folding the case of every row of a city takes longer than all the rest.
    search_fields = [
        "sharing__bill__ref__contains",
        "agreement__ref__contains",
        "agreement__provider__name__contains",
    ]
    ordering = ["-sharing_id", "pk"]
    fields = ["bill", "agreement", "used", "gross", "subsidy", "subsidy_fund", "amount", "flags"]
    readonly_fields = fields

    @admin.display(description=_("账单"))
    def bill(self, row: Share) -> str:
        return row.sharing.bill.ref

    @admin.display(description=_("协议"))
    def agreement_name(self, row: Share) -> Any:
        return f"{row.agreement} · {row.agreement.provider}" if row.agreement else _("社区")

    @admin.display(description=_("月份"))
    def closed_in(self, row: Share) -> str:
        return row.sharing.close.month

    @admin.display(description=_("社区"))
    def community(self, row: Share) -> str:
        return str(row.sharing.close.community)

    @admin.display(description=_("月结状态"))
    def state(self, row: Share) -> str:
        return row.sharing.close.get_state_display()

    @admin.display(description=_("用量"))
    def used(self, row: Share) -> str:
        return quantity_text(row.quantity)


@admin.register(Charge)
class ChargeAdmin(CloseColumns):
    list_display = ["agreement", "kind", "community", "closed_in", "state", "fund", "amount_text"]
    list_select_related = ["agreement", "close__community"]
    list_filter = [RegionFilter, IN_CLOSE, "kind"]
    search_fields = ["agreement__ref", "agreement__provider__name"]
    ordering = ["-close__month", "agreement__ref"]
    fields = ["agreement", "kind", "fund", "amount", "correction", "closed_in", "state"]
    readonly_fields = fields


@admin.register(Rebate)
class RebateAdmin(CloseColumns):
    list_display = [
        "agreement",
        "kind",
        "month",
        "community",
        "closed_in",
        "state",
        "base",
        "amount_text",
        "status",
    ]
    list_select_related = ["agreement", "close__community"]
    list_filter = [RegionFilter, IN_CLOSE, "kind", "status"]
    search_fields = ["agreement__ref", "agreement__provider__name", "term_ref"]
    ordering = ["-close__month", "agreement__ref"]
    fields = ["agreement", "term_ref", "kind", "month", "base", "amount", "welfare_amount", "value", "status"]
    readonly_fields = fields


@admin.register(Account)
class AccountAdmin(AppendOnlyAdmin):
    list_display = ["title", "kind", "community", "provider", "open_page"]
    list_select_related = ["community", "provider"]
    list_filter = [RegionFilter, "kind"]
    search_fields = ["community__name", "provider__name"]
    ordering = ["community", "kind", "name"]
    fields = ["title", "community", "open_page"]
    readonly_fields = fields
    title = admin.display(description=_("账户"))(lambda self, row: row.words)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(account.statement)
        return [path("<int:pk>/statement/", view, name="billing_account_statement"), *super().get_urls()]

    @admin.display(description=_("账户明细"))
    def open_page(self, row: Account) -> str:
        return _link(account.link(row), _("看每一笔"))


@admin.register(Entry)
class EntryAdmin(CloseColumns):
    list_display = ["number", "community", "closed_in", "date", "source"]
    list_select_related = ["close__community"]
    list_filter = [RegionFilter, IN_CLOSE]
    search_fields = ["source"]
    ordering = ["-close_id", "number"]
    fields = ["number", "community", "closed_in", "date", "source", "lines"]
    readonly_fields = fields

    @admin.display(description=_("借贷"))
    def lines(self, entry: Entry) -> str:
        lines = (
            Line.objects.filter(entry=entry).select_related("entry", "account__provider").order_by("position")
        )
        return _table((_("账户"), _("借方（元）"), _("贷方（元）")), (_sides(line) for line in lines))


def _sides(line: Line) -> tuple[Any, Any, Any]:
    name = _link(account.link(line.account, Month.of(line.entry.date).text), line.account.words)
    if line.amount > 0:
        return name, money_text(line.amount), ""
    return name, "", money_text(-line.amount)


@admin.register(AccountMonth)
class AccountMonthAdmin(AppendOnlyAdmin):
    list_display = ["account_name", "community", "month", "debits", "credits", "held", "open_page"]
    list_select_related = ["account__community", "account__provider"]
    list_filter = [RegionFilter, month_filter("month"), "account__kind"]
    search_fields = ["account__community__name__contains", "account__provider__name__contains"]
    ordering = ["-month", "account"]
    account_name = admin.display(description=_("账户"))(lambda self, row: row.account.words)
    debits = admin.display(description=_("借方（元）"))(lambda self, row: money_text(row.debit))
    credits = admin.display(description=_("贷方（元）"))(lambda self, row: money_text(row.credit))
    community = admin.display(description=_("社区"))(lambda self, row: str(row.account.community))

    @admin.display(description=_("月末余额（元，负数为贷方）"), ordering="balance")
    def held(self, row: AccountMonth) -> Any:
        return money_text(row.balance)

    @admin.display(description=_("账户明细"))
    def open_page(self, row: AccountMonth) -> str:
        return _link(account.link(row.account, row.month), _("看每一笔"))


class FigureColumns(AppendOnlyAdmin):
    list_filter = [RegionFilter, month_filter("month")]
    ordering = ["-month", "pk"]

    @admin.display(description=_("缺口（元）"))
    def lacking(self, row: Any) -> Any:
        return money_text(row.shortfall)


@admin.register(CommunityMonth)
class CommunityMonthAdmin(FigureColumns):
    list_display = [
        "community",
        "month",
        "state",
        "rebate_in",
        "recovered_in",
        "bill_out",
        "closing",
        "lacking",
    ]
    list_select_related = ["community", "close"]
    search_fields = ["community__name"]
    state = CloseColumns.state


@admin.register(RegionMonth)
class RegionMonthAdmin(FigureColumns):
    list_display = [
        "region",
        "month",
        "communities",
        "in_shortfall",
        "rebate_in",
        "recovered_in",
        "bill_out",
        "closing",
    ]
    list_select_related = ["region"]
    search_fields = ["region__name"]
