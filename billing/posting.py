"""Post months: their entries into the ledger, and where each account stands afterwards."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from billing.books import Books
from billing.columns import among, units
from billing.copying import NULL, Keys, copy, escaped
from billing.journal import AccountName, Entry, journal
from billing.models import Account, AccountMonth
from billing.money import MONEY
from billing.writing import Claim
from portal.months import Month

COMMON_ACCOUNTS = 12  # cash, seven funds, a debt for each utility
Journal = tuple[Claim, list[Entry]]


@dataclass(slots=True)
class Ledger:
    """The ledger of a batch: accounts, balances and keys are there before the first row is made."""

    accounts: dict[str, dict[AccountName, int]]  # per community
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
            Keys("billing_account", max(0, expected - sum(map(len, accounts.values())))),
        )

    def write(self, month: Month, claims: Sequence[Claim]) -> None:
        """Append the entries of these months, numbered on from each community's last."""
        journals = [(claim, _journal(month, claim)) for claim in claims]
        self._open_accounts(journals)
        keys = self.entry_keys.take(sum(len(entries) for _claim, entries in journals))
        copy("billing_entry", ("id", "close_id", "number", "date", "source"), _entry_lines(keys, journals))
        moved = Moved()
        copy(
            "billing_line",
            ("entry_id", "position", "account_id", "amount"),
            self._line_lines(keys, journals, moved),
        )
        self._write_months(month, claims, moved)

    def _open_accounts(self, journals: Sequence[Journal]) -> None:
        missing: list[tuple[Claim, AccountName]] = []
        for claim, entries in journals:
            needed = {line[:3] for entry in entries for line in entry.lines}
            known = self.accounts[claim.code]
            missing += [(claim, name) for name in sorted(needed - known.keys())]
        lines = []
        for pk, (claim, name) in zip(self.account_keys.take(len(missing)), missing, strict=True):
            self.accounts[claim.code][name] = pk
            kind, held, provider_ref = name
            provider = claim.books.ids.providers[provider_ref] if provider_ref else NULL
            lines.append(f"{pk}\t{claim.code}\t{kind}\t{held}\t{provider}")
        copy("billing_account", ("id", "community_id", "kind", "name", "provider_id"), lines)

    def _line_lines(self, keys: Sequence[int], journals: Sequence[Journal], moved: "Moved") -> Iterator[str]:
        key = iter(keys)
        debit, credit = moved.debit, moved.credit
        for claim, entries in journals:
            accounts = self.accounts[claim.code]
            for entry in entries:
                entry_id = next(key)
                for position, line in enumerate(entry.lines, 1):
                    account, amount = accounts[line[:3]], line[3]
                    if amount > 0:
                        debit[account] += amount
                    else:
                        credit[account] -= amount
                    yield f"{entry_id}\t{position}\t{account}\t{amount}e-2"

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


def _entry_lines(keys: Sequence[int], journals: Sequence[Journal]) -> Iterator[str]:
    key = iter(keys)
    for claim, entries in journals:
        for number, (on, _event, source, _lines) in enumerate(entries, claim.books.chain.last_entry + 1):
            yield f"{next(key)}\t{claim.id}\t{number}\t{on.isoformat()}\t{escaped(source)}"


def _known_accounts(codes: list[str]) -> dict[str, dict[AccountName, int]]:
    found: dict[str, dict[AccountName, int]] = {code: {} for code in codes}
    rows = Account.objects.filter(among("community_id", codes)).values_list(
        "community_id", "kind", "name", "provider__ref", "id"
    )
    for code, kind, name, provider_ref, pk in rows:
        found[code][kind, name, provider_ref or ""] = pk
    return found


def _balances(month: Month, codes: list[str]) -> dict[str, dict[int, int]]:
    rows = AccountMonth.objects.filter(among("account__community_id", codes), month=str(month.previous()))
    found: dict[str, dict[int, int]] = {}
    for code, pk, held in rows.values_list("account__community_id", "account_id", units("balance", MONEY)):
        found.setdefault(code, {})[pk] = held
    return found
