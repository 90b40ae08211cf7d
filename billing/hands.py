"""Whose hand the figures of a month came from."""

from typing import Any

from django.db.models import Q

from billing.models import MonthClose
from portal.models import AuditEntry
from portal.months import Month

# Recorded with their month, and rows written by the admin's forms, recorded with their community only.
OF_THE_MONTH = ("readings.entered", "bills.entered", "revenue.submitted")
ROWS = ("reading", "utilitybill", "revenue", "topup", "transfer", "receipt", "correction", "payment")
WRITTEN = [f"{row}.{deed}" for row in ROWS for deed in ("added", "changed", "deleted")]


def has_entered(close: MonthClose, user: Any) -> bool:
    """Whether this person entered anything that this month may be computed from, in whatever role."""
    since = Month.parse(close.month).first
    mine = AuditEntry.objects.filter(by=user, region=close.community_id)
    here = Q(action__in=OF_THE_MONTH, data__month=close.month) | Q(action__in=WRITTEN, at__date__gte=since)
    return mine.filter(here).exists()
