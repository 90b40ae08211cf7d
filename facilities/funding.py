"""A project's money: promised in equal parts or alone, received, spent; nothing more than there is."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Flow, Funding, Phase, Project
from facilities.models.funding import ZERO
from portal import audit
from portal.errors import Refused
from portal.money import FEN, share_equally, share_out

MOST_PAYERS = 200  # of one promise, each on a line of the page for everybody
EARLIEST = dt.date(2000, 1, 1)


class FundingRefused(Refused):
    """Money that was not agreed, not there or not to be touched."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What money is paid for: the sum, its purpose, who gets it, when, and the paper that proves it."""

    amount: Decimal
    purpose: str
    payee: str
    on: dt.date
    evidence: str


@transaction.atomic
def pledge(
    phase: Phase, source: str, payers: Sequence[str], total: Decimal, *, on: dt.date, minutes: str, by: Any
) -> list[Funding]:
    """Write down who promised how much; several payers share the total equally, to the fen."""
    Phase.objects.select_for_update(of=("self",)).get(pk=phase.pk)
    names = _names(payers)
    _positive(total)
    _happened(on)
    if total < len(names) * FEN:
        raise FundingRefused(_("金额太小，不够每方一分。"))
    known = set(phase.fundings.filter(source=source, payer__in=names).values_list("payer", flat=True))
    if known:
        raise FundingRefused(_("这一期已有出资方：%s。要改金额请改它的认缴。") % "、".join(sorted(known)))
    made = [
        Funding.objects.create(
            phase=phase,
            community_id=phase.community_id,
            source=source,
            payer=name,
            pledged=part,
            agreed_on=on,
            minutes=minutes,
            is_shared_equally=len(names) > 1,
        )
        for name, part in zip(names, share_equally(total, len(names)), strict=True)
    ]
    audit.record("funding.pledged", phase, by=by, total=str(total), payers=len(names), source=source)
    return made


@transaction.atomic
def amend(funding: Funding, pledged: Decimal, minutes: str, *, by: Any) -> None:
    """Change a promise, never below what came in already."""
    row = _locked(Funding.objects.filter(pk=funding.pk))[0]
    _positive(pledged)
    if pledged < row.received:
        raise FundingRefused(_("已到账 %s 元，认缴不能比它少。") % row.received)
    Funding.objects.filter(pk=row.pk).update(pledged=pledged, minutes=minutes, is_shared_equally=False)
    audit.record("funding.amended", row, by=by, before=str(row.pledged), after=str(pledged))


@transaction.atomic
def receive(funding: Funding, amount: Decimal, *, on: dt.date, evidence: str, by: Any) -> Flow:
    """Enter what a payer paid, up to what was promised, once the plan is approved."""
    row = _locked(Funding.objects.filter(pk=funding.pk))[0]
    _positive(amount)
    _happened(on)
    if not row.phase.project.is_published:
        raise FundingRefused(_("方案还没有批准，不能收款。"))
    if row.received + amount > row.pledged:
        text = _("认缴 %(pledged)s 元，已到账 %(received)s 元，再收就超了；请先改认缴。")
        raise FundingRefused(text % {"pledged": row.pledged, "received": row.received})
    made = Flow.objects.create(
        funding=row,
        community_id=row.community_id,
        kind=Flow.Kind.RECEIVED,
        amount=amount,
        on=on,
        evidence=evidence,
        by=by,
    )
    audit.record("flow.received", row, by=by, amount=str(amount))
    return made


@transaction.atomic
def spend(phase: Phase, spending: Spending, *, by: Any) -> list[Flow]:
    """Pay for something out of what a phase holds, of each payer in proportion to what is left of theirs."""
    rows = _locked(Funding.objects.filter(phase=phase))
    _positive(spending.amount)
    _happened(spending.on)
    held = [int(row.held / FEN) for row in rows]
    amount = int(spending.amount / FEN)
    if amount > sum(held):
        left = sum(held) * FEN
        raise FundingRefused(_("这一期账上只有 %s 元，不够付这一笔。") % left)
    voucher = uuid.uuid4()
    made = [
        Flow.objects.create(
            funding=row,
            community_id=row.community_id,
            kind=Flow.Kind.SPENT,
            amount=part * FEN,
            on=spending.on,
            purpose=spending.purpose,
            payee=spending.payee,
            evidence=spending.evidence,
            voucher=voucher,
            by=by,
        )
        for row, part in zip(rows, share_out(amount, held) or [], strict=True)
        if part
    ]
    audit.record("flow.spent", phase, by=by, amount=str(spending.amount), voucher=str(voucher))
    return made


@transaction.atomic
def take_back(flow: Flow, reason: str, *, by: Any) -> list[Flow]:
    """Undo a wrong entry with all rows of its voucher, by rows of the opposite sign."""
    if not reason.strip():
        raise FundingRefused(_("请写明为什么冲回。"))
    same = Flow.objects.filter(voucher=flow.voucher)
    rows = {row.pk: row for row in _locked(Funding.objects.filter(flows__in=same))}
    flows = list(same.order_by("pk"))
    if any(one.takes_back_id for one in flows) or Flow.objects.filter(takes_back__in=flows).exists():
        raise FundingRefused(_("这一笔已经冲回过。"))
    if any(one.kind == Flow.Kind.RECEIVED and one.amount > rows[one.funding_id].held for one in flows):
        raise FundingRefused(_("这笔到账已经用出去了，先冲回支出。"))
    made = [_opposite(one, reason.strip(), by) for one in flows]
    audit.record("flow.taken_back", flow, by=by, voucher=str(flow.voucher), reason=reason.strip())
    return made


def money_of(project: Project) -> list[Phase]:
    """The phases of a project with their money: promises with their sums, and every flow."""
    flows = Flow.objects.select_related("funding", "taken_back_by").order_by("on", "pk")
    fundings = Funding.objects.with_sums().order_by("pk").prefetch_related(Prefetch("flows", flows))
    rows = project.phases.order_by("number")
    return list(rows.prefetch_related(Prefetch("fundings", fundings), "milestones__photos"))


def _opposite(flow: Flow, reason: str, by: Any) -> Flow:
    return Flow.objects.create(
        funding_id=flow.funding_id,
        community_id=flow.community_id,
        kind=flow.kind,
        on=flow.on,
        amount=-flow.amount,
        purpose=reason[:120],
        payee=flow.payee,
        evidence=flow.evidence,
        takes_back=flow,
        by=by,
    )


def _locked(rows: QuerySet) -> list[Any]:
    """Lock these fundings by key, then read their sums; who waits sees what the other one wrote."""
    keys = sorted(rows.values_list("pk", flat=True).distinct())
    list(Funding.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    summed = Funding.objects.filter(pk__in=keys).with_sums().select_related("phase__project")
    return list(summed.order_by("pk"))


def _names(payers: Sequence[str]) -> list[str]:
    names = [name.strip() for name in payers if name.strip()]
    if not names or len(set(names)) != len(names):
        raise FundingRefused(_("请写出资方，一行一个，不要重复。"))
    longest = Funding._meta.get_field("payer").max_length or 0
    if len(names) > MOST_PAYERS or max(map(len, names)) > longest:
        text = _("一次最多写 %(most)d 个出资方，每个不超过 %(longest)d 个字。")
        raise FundingRefused(text % {"most": MOST_PAYERS, "longest": longest})
    return names


def _happened(on: dt.date) -> None:
    """Money that was agreed, came or went did so by today, and not before anybody built such places."""
    if not EARLIEST <= on <= timezone.localdate():
        raise FundingRefused(_("日期不对：要在 %d 年以后、今天或今天以前。") % EARLIEST.year)


def _positive(amount: Decimal) -> None:
    if amount <= ZERO or amount != amount.quantize(FEN):
        raise FundingRefused(_("金额要大于 0，最多两位小数。"))
