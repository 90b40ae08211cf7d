"""One fund of a community in one month: what it held, every line, what it holds."""

from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.models import Account, AccountMonth, Fund, Line, MonthClose
from billing.overview import ZERO
from portal.site.months import frame_of, open_month


@login_not_required
@require_GET
def fund(request: HttpRequest, code: str, month: str, name: str) -> HttpResponse:
    if name not in Fund.values:
        raise Http404
    found = open_month(request, code, month)
    context = frame_of(request, found) | {"fund": Fund(name), **lines_of(found.close, name)}
    return render(request, "site/fund.html", context)


def lines_of(close: MonthClose, name: str) -> dict[str, Any]:
    """The fund's lines as people read them: what came in is positive. Only a posted month has lines."""
    account = {"account__community": close.community_id, "account__kind": "fund", "account__name": name}
    held = AccountMonth.objects.filter(month=close.month, **account).first()
    lines = Line.objects.filter(entry__close=close, **account).select_related("entry")
    bills = set(close.sharings.values_list("bill__ref", flat=True))
    others = other_sides(close, name)
    return {
        "opening": _held(held) - (held.credit - held.debit if held else ZERO),
        "closing": _held(held),
        "lines": [
            (line.entry, others.get(line.entry_id, ""), -line.amount, line.entry.source in bills)
            for line in lines.order_by("entry__number")
        ],
    }


def other_sides(close: MonthClose, name: str) -> dict[int, str]:
    """Where each entry's money came from or went to; a provider before a second fund of the same entry."""
    others = Line.objects.filter(entry__close=close).exclude(account__kind="fund", account__name=name)
    others = others.select_related("account__provider")
    ordered = others.order_by(F("account__provider").asc(nulls_first=True), "pk")
    return {line.entry_id: words_of(line.account) for line in ordered}


def words_of(account: Account) -> str:
    """An account as people say it: a provider by its name, a fund or a supplier by its kind."""
    if account.provider is not None:
        return account.provider.name
    return account.get_name_display() or account.get_kind_display()


def _held(month: AccountMonth | None) -> Decimal:
    """A fund's balance is a credit."""
    return -month.balance if month else ZERO
