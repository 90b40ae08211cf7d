"""Agreements before the close: ended but still in the terms, or with a property fee that is too high."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from billing.books import AgreementBooks, FacilityBooks
from billing.charges import PROPERTY_FEE
from billing.money import PRICE, grouped_text, text
from billing.review.facts import Facts
from billing.review.findings import Finding, make
from portal.months import Month, in_force


def check(facts: Facts) -> Iterator[Finding]:
    for facility in facts.books.facilities.values():
        for agreement in facility.agreements:
            yield from _ended(facts, agreement)
            yield from _property_fee(facts, facility, agreement)
    yield from _corrections(facts)


def _ended(facts: Facts, agreement: AgreementBooks) -> Iterator[Finding]:
    """Terms that begin after the agreement ended."""
    if agreement.ends_on is None or agreement.ends_on >= facts.month.first:
        return
    last = str(Month.of(agreement.ends_on))
    utility_terms = [terms for rows in agreement.utility_terms.values() for terms in rows]
    for what, rows in (
        (_("水电"), utility_terms),
        (_("收费"), agreement.charge_terms),
        (_("反哺"), agreement.rebate_terms),
    ):
        late = max((row.from_month for row in rows), default="")
        if last < late <= str(facts.month):
            yield make(
                facts.code,
                "ended_still_agreed",
                "agreement",
                agreement.ref,
                ends_on=agreement.ends_on.isoformat(),
                from_month=late,
                what=what,
            )


def _corrections(facts: Facts) -> Iterator[Finding]:
    agreements = facts.agreements
    for correction in facts.books.corrections:
        agreement = agreements.get(correction.agreement_ref)
        if agreement and agreement.ends_on and agreement.ends_on < facts.month.first:
            yield make(
                facts.code,
                "ended_still_corrected",
                "agreement",
                agreement.ref,
                ends_on=agreement.ends_on.isoformat(),
                correction=correction.ref,
                amount=grouped_text(correction.amount),
            )


def _property_fee(facts: Facts, facility: FacilityBooks, agreement: AgreementBooks) -> Iterator[Finding]:
    if not agreement.active(facts.month):
        return
    fees = [term for term in agreement.charge_terms if term.kind == PROPERTY_FEE]
    fee = in_force(fees, facts.month)
    highest = facility.property_rate
    if fee is None or fee.rate is None:
        return
    if highest is None:
        yield make(facts.code, "property_rate_unknown", "agreement", agreement.ref)
    elif fee.rate > highest:
        yield make(
            facts.code,
            "property_rate_above",
            "agreement",
            agreement.ref,
            rate=text(fee.rate, PRICE),
            highest=text(highest, PRICE),
        )
