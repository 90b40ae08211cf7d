"""Post months: their entries into the ledger, and where each account stands afterwards."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from billing.books import Books
from billing.columns import among, units
from billing.copying import NULL, Keys, copy, escaped
from billing.journal import Entry, journal
from billing.models import Account, AccountMonth
from billing.money import MONEY
from billing.writing import Claim
from portal.months import Month

AccountKey = tuple[str, str, str, int | None]  # community, kind, name, provider
COMMON_ACCOUNTS = 12  # cash, seven funds, a debt for each utility


@dataclass(slots=True)
class Ledger:
    """The ledger of a batch: accounts, balances and keys are there before the first row is made."""

    accounts: dict[AccountKey, int]
    before: dict[str, dict[int, int]]  # per community the balance of each account at the last month's end
    entry_keys: Keys
    account_keys: Keys

    @classmethod
    def open(cls, month: Month, books: Sequence[Books]) -> "Ledger":
        codes = [one.code for one in books]
        accounts = _known_accounts(codes)
        expected = sum(len(one.ids.providers) + COMMON_ACCOUNTS for one in books)
        return cls(
            accounts,
            _balances(month, codes),
            Keys("billing_entry", sum(one.most_entries() for one in books)),
            Keys("billing_account", max(0, expected - len(accounts))),
        )

    def write(self, month: Month, claims: Sequence[Claim]) -> None:
        """Append the entries of these months, numbered on from each community's last."""
        journals = [(claim, _journal(month, claim)) for claim in claims]
        owners = [owner for claim, entries in journals for owner in _owners(claim, entries)]
        self._open_accounts(set(owners))
        keys = self.entry_keys.take(sum(len(entries) for _claim, entries in journals))
        copy("billing_entry", ("id", "close_id", "number", "date", "source"), _entry_lines(keys, journals))
        moved = Moved()
        copy(
            "billing_line",
            ("entry_id", "position", "account_id", "amount"),
            _line_lines(keys, journals, map(self.accounts.__getitem__, owners), moved),
        )
        self._write_months(month, claims, moved)

    def _open_accounts(self, needed: set[AccountKey]) -> None:
        missing = sorted(needed - self.accounts.keys(), key=lambda key: (key[0], key[1], key[2], key[3] or 0))
        opened = dict(zip(missing, self.account_keys.take(len(missing)), strict=True))
        self.accounts |= opened
        copy(
            "billing_account",
            ("id", "community_id", "kind", "name", "provider_id"),
            (f"{pk}\t{key[0]}\t{key[1]}\t{key[2]}\t{key[3] or NULL}" for key, pk in opened.items()),
        )

    def _write_months(self, month: Month, claims: Sequence[Claim], moved: "Moved") -> None:
        """One row per account that moved or holds something: its balance at the month's end."""
        before = {pk: held for claim in claims for pk, held in self.before.get(claim.code, {}).items()}
        name, lines = str(month), []
        for pk in sorted(moved.debit.keys() | moved.credit.keys() | {pk for pk in before if before[pk]}):
            debit, credit = moved.debit.get(pk, 0), moved.credit.get(pk, 0)
            balance = before.get(pk, 0) + debit - credit
            lines.append(f"{pk}\t{name}\t{debit}e-2\t{credit}e-2\t{balance}e-2")
        copy("billing_accountmonth", ("account_id", "month", "debit", "credit", "balance"), lines)


@dataclass(slots=True)
class Moved:
    """What moved on each account."""

    debit: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    credit: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, pk: int, amount: int) -> None:
        if amount > 0:
            self.debit[pk] += amount
        else:
            self.credit[pk] -= amount


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


def _known_accounts(codes: list[str]) -> dict[AccountKey, int]:
    rows = Account.objects.filter(among("community_id", codes)).values_list(
        "community_id", "kind", "name", "provider_id", "id"
    )
    return {(code, kind, name, provider): pk for code, kind, name, provider, pk in rows}


def _balances(month: Month, codes: list[str]) -> dict[str, dict[int, int]]:
    rows = AccountMonth.objects.filter(among("account__community_id", codes), month=str(month.previous()))
    found: dict[str, dict[int, int]] = {}
    for code, pk, held in rows.values_list("account__community_id", "account_id", units("balance", MONEY)):
        found.setdefault(code, {})[pk] = held
    return found


def _line_lines(
    keys: Sequence[int],
    journals: Sequence[tuple[Claim, list[Entry]]],
    owners: Iterator[int],
    moved: Moved,
) -> Iterator[str]:
    key = iter(keys)
    for _claim, entries in journals:
        for entry in entries:
            entry_id = next(key)
            for position, line in enumerate(entry.lines, 1):
                account = next(owners)
                moved.add(account, line.amount)
                yield f"{entry_id}\t{position}\t{account}\t{line.amount}e-2"
