"""Reporting the revenue of a month, until the community has verified it."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import revenue
from billing.models import Revenue, RevenueStatus
from portal.errors import Refused
from portal.months import Month
from services.models import Agreement

OPEN_MONTHS = 3


class AlreadyVerified(Refused):
    """What was verified is changed by the community's accountant, not by the provider."""


class RevenueForm(forms.Form):
    amount = forms.DecimalField(
        label=gettext_lazy("本月收入（元）"),
        help_text=gettext_lazy("按实际营业收入填，两位小数；没有收入填 0。"),
        min_value=0,
        max_digits=14,
        decimal_places=2,
    )


def months_to_report(agreement: Agreement, today: dt.date) -> list[Month]:
    """The last ended months in which the agreement ran, the newest first."""
    month, found = Month.of(today), []
    for _step in range(OPEN_MONTHS):
        month = month.previous()
        if month.overlap_days(agreement.starts_on or month.first, agreement.ends_on):
            found.append(month)
    return found


def reports_of(agreements: Iterable[Agreement]) -> dict[tuple[int, str], Revenue]:
    rows = Revenue.objects.filter(agreement__in=[agreement.pk for agreement in agreements])
    return {(row.agreement_id, row.month): row for row in rows}


@transaction.atomic
def report(agreement: Agreement, month: Month, amount: Decimal, *, by: Any) -> Revenue:
    """Report or correct a figure that nobody has verified yet."""
    rows = Revenue.objects.select_for_update(of=("self",))
    row = rows.filter(agreement=agreement, month=str(month)).first()
    if row is not None and row.status == RevenueStatus.VERIFIED:
        raise AlreadyVerified(_("这个月的收入已经核实，没有改动。数字有误请联系社区会计更正，差额下个月补。"))
    return revenue.submit(agreement, str(month), amount, by=by)
