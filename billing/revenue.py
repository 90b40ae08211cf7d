"""Revenue of an agreement and month: reported by one person, verified by another (rule 4)."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Revenue, RevenueStatus
from portal import audit, inputs
from portal.errors import Refused
from services.models import Agreement


class OwnRevenue(Refused):
    """Nobody verifies what they reported."""


class NothingToDecide(Refused):
    """The report was decided already."""


@transaction.atomic
def submit(agreement: Agreement, month: str, amount: Decimal, *, by: Any) -> Revenue:
    """Report revenue; another figure than before is to be verified anew, the same figure changes nothing."""
    inputs.hold([agreement.community_id])
    row = Revenue.objects.select_for_update(of=("self",)).filter(agreement=agreement, month=month).first()
    if row is None:
        row = Revenue(agreement=agreement, month=month)
    elif row.amount == amount and row.status != RevenueStatus.REJECTED:
        return row
    row.community_id = agreement.community_id
    row.amount, row.status = amount, RevenueStatus.SUBMITTED
    row.submitted_by, row.verified_by = by, None
    row.save()
    audit.record("revenue.submitted", row, by=by, month=month, amount=str(amount))
    inputs.changed([row.community_id], by=by)
    return row


@transaction.atomic
def verify(revenue: Revenue, *, by: Any) -> None:
    """Confirm a reported figure; whoever reported it cannot."""
    row = _locked(revenue)
    if row.status == RevenueStatus.VERIFIED:
        return
    if row.status != RevenueStatus.SUBMITTED:
        raise NothingToDecide(_("这条收入已退回，请先重新申报再核实。"))
    if row.submitted_by_id is not None and row.submitted_by_id == by.pk:
        raise OwnRevenue(_("自己申报的收入不能自己核实，请另一位会计核实。"))
    row.status, row.verified_by = RevenueStatus.VERIFIED, by
    row.save(update_fields=["status", "verified_by"])
    audit.record("revenue.verified", row, by=by, month=row.month, amount=str(row.amount))
    inputs.changed([row.community_id], by=by)


@transaction.atomic
def reject(revenue: Revenue, *, by: Any) -> None:
    """Send a report back; what was posted of it stays until a new figure is verified."""
    row = _locked(revenue)
    if row.status == RevenueStatus.REJECTED:
        return
    row.status, row.verified_by = RevenueStatus.REJECTED, None
    row.save(update_fields=["status", "verified_by"])
    audit.record("revenue.rejected", row, by=by, month=row.month, amount=str(row.amount))
    inputs.changed([row.community_id], by=by)


def _locked(revenue: Revenue) -> Revenue:
    inputs.hold([revenue.community_id])
    return Revenue.objects.select_for_update(of=("self",)).get(pk=revenue.pk)
