"""One account's lines, a page at a time, each with what it was and what the account held after it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from billing import accounts
from billing.events import Event, events
from billing.models import Account, Line
from billing.workbench.place import page
from portal.access import STAFF_ROLES
from portal.months import Month

# What a debit and a credit on the books mean for whoever is no accountant, by the kind of account.
MEANINGS = {
    Account.Kind.CASH: (gettext_lazy("手上的钱"), gettext_lazy("透支")),
    Account.Kind.RECEIVABLE: (gettext_lazy("商家还欠"), gettext_lazy("商家多缴")),
    Account.Kind.PAYABLE: (gettext_lazy("多付"), gettext_lazy("还没付")),
    Account.Kind.FUND: (gettext_lazy("缺口"), gettext_lazy("账上结余")),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page shows it."""

    line: Line
    month: Month
    event: Event
    source: str
    others: list[Account]
    balance: "Held"

    @property
    def debit(self) -> Decimal | None:
        return self.line.amount if self.line.amount > 0 else None

    @property
    def credit(self) -> Decimal | None:
        return -self.line.amount if self.line.amount < 0 else None


@dataclass(frozen=True, slots=True)
class Held:
    """A balance as books write it: the side it stands on, and its amount."""

    amount: Decimal

    @property
    def side(self) -> str:
        return _("借") if self.amount > 0 else _("贷") if self.amount < 0 else _("平")

    @property
    def size(self) -> Decimal:
        return abs(self.amount)


@require_GET
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Account.objects.visible_to(request.user, *STAFF_ROLES).select_related("community", "provider")
    account = get_object_or_404(rows, pk=pk)
    shown, note = _asked(account, request.GET)
    lines = list(_lines(account, shown))
    held = accounts.balance(account) if shown.has_later else shown.closing
    debit, credit = MEANINGS[Account.Kind(account.kind)]
    return page(
        request,
        "billing/workbench/account.html",
        _("%(community)s · %(account)s · 账户明细")
        % {"community": account.community, "account": account.words},
        account=account,
        held=Held(held),
        meaning=debit if held > 0 else credit if held < 0 else "",
        months=[Month.parse(text) for text in accounts.months(account)],
        chosen=lines[0].month if lines else None,
        shown=shown,
        opening=Held(shown.opening),
        lines=lines,
        note=note,
    )


def _asked(account: Account, asked: Mapping[str, Any]) -> tuple[accounts.Page, str]:
    """The page that an address asks for, the newest where it asks for none, and what to say of it."""
    try:
        if "after" in asked:
            return accounts.page_after(account, asked["after"]), ""
        if "before" in asked:
            return accounts.page_before(account, asked["before"]), ""
    except ValueError:
        return accounts.last_page(account), _("这个账户没有地址里写的那一行，下面是最新的一页。")
    if "month" in asked:
        return _of_month(account, asked["month"])
    if asked.get("at") == "first":
        return accounts.first_page(account), ""
    return accounts.last_page(account), ""


def _of_month(account: Account, text: str) -> tuple[accounts.Page, str]:
    try:
        month = Month.parse(text)
    except ValueError:
        return accounts.last_page(account), _("月份写成 2026-09 的样子。下面是最新的一页。")
    found = accounts.page_of(account, month)
    if found.rows:
        return found, ""
    return accounts.last_page(account), _("%(month)s起还没有账，下面是最新的一页。") % {"month": month.words}


def _lines(account: Account, shown: accounts.Page) -> Iterator[Shown]:
    told = events(account.community_id, [row.line.entry for row in shown.rows])
    for row in shown.rows:
        entry = row.line.entry
        event = told[entry.pk]
        others = [line.account for line in event.lines if line.account_id != account.pk]
        yield Shown(row.line, Month.of(entry.date), event, _address(event), others, Held(row.balance))


def _address(event: Event) -> str:
    """Where the row of an event is read in the admin."""
    model: type[Model] | None = event.model
    return reverse(f"admin:billing_{model._meta.model_name}_change", args=[event.pk]) if model else ""


def link(account: Any, month: str = "") -> str:
    """The address of an account's lines, from a month on."""
    address = reverse("admin:billing_account_statement", args=[account.pk])
    return f"{address}?month={month}" if month else address
