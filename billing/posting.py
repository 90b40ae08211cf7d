"""Post months: their entries into the ledger, and where each account stands afterwards."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from billing.columns import among, units
from billing.copying import NULL, copy, escaped, reserve_keys
from billing.journal import Entry, journal
from billing.models import Account, AccountMonth
from billing.money import MONEY
from billing.writing import Claim
from portal.months import Month

AccountKey = tuple[str, str, str, int | None]  # community, kind, name, provider


def write_ledger(month: Month, claims: Sequence[Claim]) -> None:
    """Append the entries of these months, numbered on from each community's last."""
    if not claims:
        return
    journals = [(claim, _journal(month, claim)) for claim in claims]
    owners = [owner for claim, entries in journals for owner in _owners(claim, entries)]
    keys = reserve_keys("billing_entry", sum(len(entries) for _claim, entries in journals))
    codes = [claim.code for claim in claims]
    accounts = _Accounts(_accounts(codes, set(owners)))
    copy("billing_entry", ("id", "close_id", "number", "date", "source"), _entry_lines(keys, journals))
    copy(
        "billing_line",
        ("entry_id", "position", "account_id", "amount"),
        _line_lines(keys, journals, map(accounts.ids.__getitem__, owners), accounts),
    )
    _write_account_months(month, codes, accounts)


def _journal(month: Month, claim: Claim) -> list[Entry]:
    books = claim.books
    entries = journal(
        month,
        claim.done.computed,
        providers={one.ref: one.provider_ref for one in books.agreements},
        is_first=not books.chain.posted,
        receipts=books.receipts,
        payments=books.payments,
    )
    claim.last_entry = books.chain.last_entry + len(entries)
    return entries


def _owners(claim: Claim, entries: Sequence[Entry]) -> Iterator[AccountKey]:
    """The account of every line, in their order."""
    code, providers = claim.code, claim.books.ids.providers
    for entry in entries:
        for line in entry.lines:
            yield code, line.kind, line.name, providers[line.provider_ref] if line.provider_ref else None


def _entry_lines(keys: Sequence[int], journals: Sequence[tuple[Claim, list[Entry]]]) -> Iterator[str]:
    key = iter(keys)
    for claim, entries in journals:
        for number, entry in enumerate(entries, claim.books.chain.last_entry + 1):
            yield f"{next(key)}\t{claim.id}\t{number}\t{entry.on}\t{escaped(entry.source)}"


@dataclass(slots=True)
class _Accounts:
    """The accounts of a batch: their keys, and what moved on each."""

    ids: dict[AccountKey, int]
    debit: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    credit: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def move(self, pk: int, amount: int) -> None:
        if amount > 0:
            self.debit[pk] += amount
        else:
            self.credit[pk] -= amount


def _accounts(codes: list[str], needed: set[AccountKey]) -> dict[AccountKey, int]:
    """Return the accounts of these communities, after opening those that are missing."""
    known = _known_accounts(codes)
    missing = sorted(needed - known.keys(), key=lambda key: (key[0], key[1], key[2], key[3] or 0))
    if missing:
        copy(
            "billing_account",
            ("community_id", "kind", "name", "provider_id"),
            (f"{code}\t{kind}\t{name}\t{provider or NULL}" for code, kind, name, provider in missing),
        )
        known = _known_accounts(codes)
    return known


def _known_accounts(codes: list[str]) -> dict[AccountKey, int]:
    rows = Account.objects.filter(among("community_id", codes)).values_list(
        "community_id", "kind", "name", "provider_id", "id"
    )
    return {(code, kind, name, provider): pk for code, kind, name, provider, pk in rows}


def _line_lines(
    keys: Sequence[int],
    journals: Sequence[tuple[Claim, list[Entry]]],
    owners: Iterator[int],
    accounts: _Accounts,
) -> Iterator[str]:
    key = iter(keys)
    for _claim, entries in journals:
        for entry in entries:
            entry_id = next(key)
            for position, line in enumerate(entry.lines, 1):
                account = next(owners)
                accounts.move(account, line.amount)
                yield f"{entry_id}\t{position}\t{account}\t{line.amount}e-2"


def _write_account_months(month: Month, codes: list[str], accounts: _Accounts) -> None:
    """One row per account that moved or holds something: its balance at the month's end."""
    before = dict(
        AccountMonth.objects.filter(
            among("account__community_id", codes), month=str(month.previous())
        ).values_list("account_id", units("balance", MONEY))
    )
    moved = sorted(accounts.debit.keys() | accounts.credit.keys() | {pk for pk in before if before[pk]})
    name, lines = str(month), []
    for pk in moved:
        debit, credit = accounts.debit.get(pk, 0), accounts.credit.get(pk, 0)
        balance = before.get(pk, 0) + debit - credit
        lines.append(f"{pk}\t{name}\t{debit}e-2\t{credit}e-2\t{balance}e-2")
    copy("billing_accountmonth", ("account_id", "month", "debit", "credit", "balance"), lines)
