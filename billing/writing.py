"""Write the results of a batch: the rows of each month, and for those posted the ledger.

The only writer of the ledger. Everything is in the caller's transaction, in a number of statements
that does not depend on how many communities there are.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values

from billing.blocks import Block
from billing.books import Books
from billing.computing import MonthResult
from billing.copying import NULL, Keys, copy, escaped, json_cell
from billing.funds import FUNDS
from billing.models import (
    BillSharing,
    Charge,
    CommunityMonth,
    Correction,
    OpeningBalance,
    Payment,
    Rebate,
    Receipt,
    Share,
    TopUp,
    Transfer,
    UtilityBill,
)
from billing.models.rollups import Figures
from portal.months import Month


@dataclass(slots=True)
class Claim:
    """A community's month that this transaction has locked, and what it becomes."""

    id: int
    code: str
    state: str
    version: int
    digest: str
    notice_days: int
    is_objected: bool
    drafted_by_id: int | None
    drafted_at: dt.datetime | None
    confirmed_by_id: int | None
    notice_from: dt.date | None
    notice_until: dt.date | None
    told: list[dict[str, Any]]  # what blocked it, as stored
    posted_at: dt.datetime | None = None
    last_entry: int = 0
    result: MonthResult | None = None
    blocks: list[Block] = field(default_factory=list)
    books: Books = field(default_factory=lambda: Books(""))
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def done(self) -> MonthResult:
        """The result, of a month that nothing blocks."""
        assert self.result is not None
        return self.result

    @property
    def is_unchanged(self) -> bool:
        """The figures just computed are those the month holds already."""
        return self.result is not None and bool(self.digest) and self.result.digest == self.digest

    @property
    def is_blocked_as_before(self) -> bool:
        return bool(self.blocks) and [block.as_data() for block in self.blocks] == self.told


def write_results(month: Month, claims: Sequence[Claim], sharing_keys: Keys) -> None:
    """Replace the rows of these months by those just computed; blocked ones have none."""
    remove_results([claim.id for claim in claims if claim.version])
    computed = [claim for claim in claims if claim.result]
    _write_sharings(computed, sharing_keys)
    copy(
        "billing_charge",
        ("close_id", "agreement_id", "kind", "correction_id", "fund", "amount", "explanation"),
        _charge_lines(computed),
    )
    copy(
        "billing_rebate",
        (
            "close_id", "month", "agreement_id", "term_ref", "kind", "base", "amount",
            "welfare_amount", "value", "status", "explanation",
        ),
        _rebate_lines(computed),
    )  # fmt: skip
    copy(
        "billing_communitymonth",
        ("close_id", "community_id", "month", *Figures.FIELDS),
        (_figures_line(month, claim) for claim in computed),
    )


def remove_results(close_ids: list[int]) -> None:
    """Remove the rows of earlier versions; PostgreSQL refuses it for a posted month."""
    if not close_ids:
        return
    Share.objects.filter(sharing__close__in=close_ids)._raw_delete("default")
    for model in (BillSharing, Charge, Rebate, CommunityMonth):
        model.objects.filter(close__in=close_ids)._raw_delete("default")


def _write_sharings(claims: Sequence[Claim], sharing_keys: Keys) -> None:
    pairs = [(claim, one) for claim in claims for one in claim.done.computed.sharings]
    keys = sharing_keys.take(len(pairs))
    copy(
        "billing_billsharing",
        ("id", "close_id", "bill_id", "explanation"),
        (
            f"{key}\t{claim.id}\t{claim.books.ids.bills[one.bill_ref]}\t{json_cell(one.explanation)}"
            for key, (claim, one) in zip(keys, pairs, strict=True)
        ),
    )
    copy(
        "billing_share",
        (
            "sharing_id", "agreement_id", "quantity", "gross", "subsidy", "subsidy_fund", "amount",
            "flags", "explanation",
        ),
        _share_lines(keys, pairs),
    )  # fmt: skip


def _share_lines(keys: Sequence[int], pairs: Sequence[tuple[Claim, Any]]) -> Iterator[str]:
    for key, (claim, sharing) in zip(keys, pairs, strict=True):
        agreements = claim.books.ids.agreements
        for one in sharing.shares:
            agreement = agreements[one.agreement_ref] if one.agreement_ref else NULL
            quantity = NULL if one.quantity is None else f"{one.quantity}e-3"
            yield (
                f"{key}\t{agreement}\t{quantity}\t{one.gross}e-2\t{one.subsidy}e-2\t"
                f"{one.subsidy_fund}\t{one.amount}e-2\t{one.flags}\t{json_cell(one.explanation)}"
            )


def _charge_lines(claims: Iterable[Claim]) -> Iterator[str]:
    for claim in claims:
        ids = claim.books.ids
        for one in claim.done.computed.charges:
            correction = ids.corrections[one.ref] if one.ref else NULL
            yield (
                f"{claim.id}\t{ids.agreements[one.agreement_ref]}\t{one.kind}\t{correction}\t{one.fund}\t"
                f"{one.amount}e-2\t{json_cell(one.explanation)}"
            )


def _fen(units: int | None) -> str:
    """Return an amount as a cell; numbers go as whole units with their exponent, the quickest to write."""
    return NULL if units is None else f"{units}e-2"


def _rebate_lines(claims: Iterable[Claim]) -> Iterator[str]:
    for claim in claims:
        agreements = claim.books.ids.agreements
        for one in claim.done.computed.rebates:
            yield (
                f"{claim.id}\t{one.month}\t{agreements[one.agreement_ref]}\t{escaped(one.term_ref)}\t{one.kind}\t"
                f"{_fen(one.base)}\t{_fen(one.amount)}\t"
                f"{one.welfare_amount}e-2\t{_fen(one.value)}\t{one.status}\t"
                f"{json_cell(one.explanation)}"
            )


def _figures_line(month: Month, claim: Claim) -> str:
    funds = claim.done.funds
    parts = funds.utility
    figures = [
        parts.opening, parts.rebate_in, parts.recovered_in, parts.subsidy_in, parts.topup_in,
        parts.transfer_in, parts.bill_out, *(funds.closing[fund] for fund in FUNDS),
    ]  # fmt: skip
    return "\t".join([str(claim.id), claim.code, str(month), *map(_fen, figures)])


TAKEN = {
    "bill": UtilityBill,
    "opening": OpeningBalance,
    "topup": TopUp,
    "transfer": Transfer,
    "receipt": Receipt,
    "payment": Payment,
    "correction": Correction,
}


def mark_taken(claims: Sequence[Claim]) -> None:
    """Say of every input row which posted month took it: from now on it stays as it is."""
    with connection.cursor() as cursor:
        for name, model in TAKEN.items():
            pairs = [(pk, claim.id) for claim in claims for pk in claim.books.ids.taken.get(name, ())]
            if pairs:
                keys, closes = map(list, zip(*pairs, strict=True))
                cursor.execute(
                    f"UPDATE {model._meta.db_table} row SET close_id = taken.close_id"
                    " FROM unnest(%s::bigint[], %s::bigint[]) AS taken (id, close_id) WHERE row.id = taken.id",
                    [keys, closes],
                )
        used = [pk for claim in claims for pk in claim.books.ids.revenue]
        if used:  # what was read cannot have changed since: this transaction holds the community
            cursor.execute("UPDATE billing_revenue SET posted_amount = amount WHERE id = ANY(%s)", [used])


def write_states(claims: Sequence[Claim], columns: dict[str, str]) -> None:
    """Store what each month has become; `columns` names the columns of `Claim.changes` and their types."""
    if not claims:
        return
    names = ", ".join(columns)
    values = ", ".join(f"new.{name}::{kind}" for name, kind in columns.items())
    rows = [(claim.id, *(claim.changes[name] for name in columns)) for claim in claims]
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            f"UPDATE billing_monthclose row SET ({names}) = ROW ({values})"
            f" FROM (VALUES %s) AS new (id, {names}) WHERE row.id = new.id",
            rows,
            page_size=len(rows),
        )


def write_audit(claims: Sequence[Claim], month: Month, by_id: int | None) -> None:
    """Record what happened to each month, in the same transaction."""
    actor = NULL if by_id is None else str(by_id)
    copy(
        "portal_auditentry",
        ("by_id", "action", "region_id", "subject", "data"),
        (
            f"{actor}\tmonth.{claim.state}\t{claim.code}\t{claim.code} {month}\t"
            + json_cell({"version": claim.version + 1, "digest": claim.changes.get("digest", "")})
            for claim in claims
        ),
    )
