"""Revenue before the close: missing, not verified, or outside the agreement's run."""

from collections.abc import Iterator
from datetime import date

from billing.books import AgreementBooks, Reported
from billing.models import RevenueStatus
from billing.money import grouped_text
from billing.rebates import OF_REVENUE, terms_in_force
from billing.review.facts import Facts
from billing.review.findings import Finding, make

KINDS = {RevenueStatus.SUBMITTED: "unverified_revenue", RevenueStatus.REJECTED: "rejected_revenue"}


def check(facts: Facts) -> Iterator[Finding]:
    for agreement in facts.books.agreements:
        reported = agreement.reported
        if agreement.active(facts.month):
            if needs_revenue(facts, agreement):
                yield from _awaited(facts, agreement, reported)
        elif reported:
            yield make(
                facts.code,
                "revenue_outside_run",
                "agreement",
                agreement.ref,
                run=_run(agreement),
                amount=grouped_text(reported.amount),
            )


def needs_revenue(facts: Facts, agreement: AgreementBooks) -> bool:
    """A term in force gives back a part of revenue, and its holiday is over."""
    return any(
        term.kind in OF_REVENUE and not (term.holiday_until and facts.month.last <= term.holiday_until)
        for term in terms_in_force(agreement.rebate_terms, facts.month)
    )


def _awaited(facts: Facts, agreement: AgreementBooks, reported: Reported | None) -> Iterator[Finding]:
    if reported is None:
        yield make(facts.code, "missing_revenue", "agreement", agreement.ref)
    elif reported.status in KINDS:
        kind = KINDS[RevenueStatus(reported.status)]
        yield make(facts.code, kind, "agreement", agreement.ref, amount=grouped_text(reported.amount))


def _run(agreement: AgreementBooks) -> str:
    start = "" if agreement.starts_on == date.min else agreement.starts_on.isoformat()
    return f"{start} – {agreement.ends_on or ''}"
