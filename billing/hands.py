"""Whose hand the figures of a month came from."""

from typing import Any

from django.db.models import Q

from billing.models import MonthClose
from portal.models import AuditEntry
from portal.months import Month

# Recorded with their month, and rows written by forms and spreadsheets, recorded with their region only.
OF_THE_MONTH = ("readings.entered", "bills.entered", "revenue.submitted")
MONEY = ("utilitybill", "revenue", "openingbalance", "topup", "transfer", "receipt", "correction", "payment")
TERMS = ("agreement", "utilityterm", "chargeterm", "rebateterm", "sharingrule", "tariff")
ROWS = ("meter", "reading", *MONEY, *TERMS)
WRITTEN = [f"{row}.{deed}" for row in ROWS for deed in ("added", "changed", "deleted", "imported")]


def has_entered(close: MonthClose, user: Any) -> bool:
    """Whether this person entered anything that this month may be computed from, in whatever role."""
    since = Month.parse(close.month).first
    mine = AuditEntry.objects.filter(by=user, region__in=_above(close.community_id))
    here = Q(action__in=OF_THE_MONTH, data__month=close.month) | Q(action__in=WRITTEN, at__date__gte=since)
    return mine.filter(here).exists()


def _above(code: str) -> list[str]:
    """A community and every region it lies in: a tariff is entered for a city."""
    return [code[:digits].ljust(12, "0") for digits in (2, 4, 6, 9, 12)]
