"""Post months: their entries into the ledger, and where each account stands afterwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from billing.columns import among, units
from billing.copying import NULL, copy, escaped, reserve_keys
from billing.journal import Entry, Line, journal
from billing.models import Account, AccountMonth
from billing.money import MONEY, text
from billing.writing import Claim
from portal.months import Month

AccountKey = tuple[str, str, str, int | None]  # community, kind, name, provider


def write_ledger(month: Month, claims: Sequence[Claim]) -> None:
    """Append the entries of these months, numbered on from each community's last."""
    journals = [(claim, _journal(month, claim)) for claim in claims]
    keys = reserve_keys("billing_entry", sum(len(entries) for _claim, entries in journals))
    copy("billing_entry", ("id", "close_id", "number", "date", "source"), _entry_lines(keys, journals))
    accounts = _Accounts.of(claims, journals)
    copy(
        "billing_line",
        ("entry_id", "position", "account_id", "amount"),
        _line_lines(keys, journals, accounts),
    )
    _write_account_months(month, claims, accounts)


def _journal(month: Month, claim: Claim) -> list[Entry]:
    books = claim.books
    assert claim.result is not None
    entries = journal(
        month,
        claim.result.computed,
        providers={one.ref: one.provider_ref for one in books.agreements},
        is_first=not books.chain.posted,
        receipts=books.receipts,
        payments=books.payments,
    )
    claim.last_entry = books.chain.last_entry + len(entries)
    return entries


def _entry_lines(keys: Sequence[int], journals: Sequence[tuple[Claim, list[Entry]]]) -> Iterator[str]:
    key = iter(keys)
    for claim, entries in journals:
        for number, entry in enumerate(entries, claim.books.chain.last_entry + 1):
            yield f"{next(key)}\t{claim.id}\t{number}\t{entry.on}\t{escaped(entry.source)}"


@dataclass(slots=True)
class _Accounts:
    """The accounts of a batch: their keys, and what moved on each."""

    ids: dict[AccountKey, int]
    debit: dict[int, int]
    credit: dict[int, int]

    @classmethod
    def of(cls, claims: Sequence[Claim], journals: Sequence[tuple[Claim, list[Entry]]]) -> "_Accounts":
        """Load the accounts of these communities, after opening those that are missing."""
        needed = {
            account_key(claim, line)
            for claim, entries in journals
            for entry in entries
            for line in entry.lines
        }
        codes = [claim.code for claim in claims]
        known = _known_accounts(codes)
        missing = sorted(needed - known.keys(), key=lambda key: (key[0], key[1], key[2], key[3] or 0))
        if missing:
            copy(
                "billing_account",
                ("community_id", "kind", "name", "provider_id"),
                (f"{code}\t{kind}\t{name}\t{provider or NULL}" for code, kind, name, provider in missing),
            )
            known = _known_accounts(codes)
        return cls(known, {}, {})

    def move(self, key: AccountKey, amount: int) -> int:
        """Count a line on its account and return the account's key."""
        pk = self.ids[key]
        if amount > 0:
            self.debit[pk] = self.debit.get(pk, 0) + amount
        else:
            self.credit[pk] = self.credit.get(pk, 0) - amount
        return pk


def account_key(claim: Claim, line: Line) -> AccountKey:
    provider = claim.books.ids.providers[line.provider_ref] if line.provider_ref else None
    return claim.code, line.kind, line.name, provider


def _known_accounts(codes: list[str]) -> dict[AccountKey, int]:
    rows = Account.objects.filter(among("community_id", codes)).values_list(
        "community_id", "kind", "name", "provider_id", "id"
    )
    return {(code, kind, name, provider): pk for code, kind, name, provider, pk in rows}


def _line_lines(
    keys: Sequence[int], journals: Sequence[tuple[Claim, list[Entry]]], accounts: _Accounts
) -> Iterator[str]:
    key = iter(keys)
    for claim, entries in journals:
        for entry in entries:
            entry_id = next(key)
            for position, line in enumerate(entry.lines, 1):
                account = accounts.move(account_key(claim, line), line.amount)
                yield f"{entry_id}\t{position}\t{account}\t{text(line.amount)}"


def _write_account_months(month: Month, claims: Sequence[Claim], accounts: _Accounts) -> None:
    """One row per account that moved or holds something: its balance at the month's end."""
    before = dict(
        AccountMonth.objects.filter(
            among("account__community_id", [claim.code for claim in claims]), month=str(month.previous())
        ).values_list("account_id", units("balance", MONEY))
    )
    moved = sorted(accounts.debit.keys() | accounts.credit.keys() | {pk for pk in before if before[pk]})
    lines = []
    for pk in moved:
        debit, credit = accounts.debit.get(pk, 0), accounts.credit.get(pk, 0)
        balance = before.get(pk, 0) + debit - credit
        lines.append(f"{pk}\t{month}\t{text(debit)}\t{text(credit)}\t{text(balance)}")
    copy("billing_accountmonth", ("account_id", "month", "debit", "credit", "balance"), lines)
