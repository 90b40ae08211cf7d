"""Why a stored row is what it is: its explanation read back and told in sentences."""

from decimal import Decimal

from billing import models
from billing.charges import Charge
from billing.explain import Sentence, bill_sentences, share_sentences
from billing.explain_dues import charge_sentences, rebate_sentences
from billing.money import MONEY, QUANTITY, to_units
from billing.rebates import Rebate
from billing.sharing_values import Share


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else to_units(amount, MONEY)


def of_bill(sharing: models.BillSharing) -> list[Sentence]:
    """What all rows of a shared bill have in common."""
    return bill_sentences(sharing.explanation) if sharing.explanation else []


def of_share(share: models.Share) -> list[Sentence]:
    """Why one agreement, or the community, bears this much of a bill, back to the readings."""
    if not share.explanation:
        return []
    row = Share(
        agreement_ref=share.agreement.ref if share.agreement else "",
        quantity=None if share.quantity is None else to_units(share.quantity, QUANTITY),
        gross=to_units(share.gross, MONEY),
        subsidy=to_units(share.subsidy, MONEY),
        amount=to_units(share.amount, MONEY),
        flags=share.flags,
        subsidy_fund=share.subsidy_fund,
        explanation=share.explanation,
    )
    return share_sentences(share.sharing.explanation, row)


def of_charge(charge: models.Charge) -> list[Sentence]:
    if not charge.explanation:
        return []
    ref = charge.correction.ref if charge.correction else ""
    amount = to_units(charge.amount, MONEY)
    return charge_sentences(
        Charge(charge.agreement.ref, charge.kind, ref, amount, charge.fund, charge.explanation)
    )


def of_rebate(rebate: models.Rebate) -> list[Sentence]:
    """Tells revenue: only for the provider's own people and for staff."""
    if not rebate.explanation:
        return []
    row = Rebate(
        month=rebate.month,
        agreement_ref=rebate.agreement.ref,
        term_ref=rebate.term_ref,
        kind=rebate.kind,
        base=_fen(rebate.base),
        amount=_fen(rebate.amount),
        welfare_amount=to_units(rebate.welfare_amount, MONEY),
        value=_fen(rebate.value),
        status=rebate.status,
        explanation=rebate.explanation,
    )
    return rebate_sentences(row)
