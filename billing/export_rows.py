"""The lines of the four exports of one community's month, exactly as files have them."""

import csv
import io
from collections.abc import Iterable, Iterator

from billing.charges import CORRECTION
from billing.funds import FUNDS, Computed, FundMonth
from billing.money import QUANTITY, optional_text, text
from billing.rebates import IN_KIND
from portal.months import Month

SHARES, CHARGES, REBATES, CLOSES = FILES = ("shares", "charges", "rebates", "closes")
COLUMNS = {
    SHARES: ("month", "bill_ref", "agreement_ref", "quantity", "gross", "subsidy", "amount", "flags"),
    CHARGES: ("month", "agreement_ref", "kind", "ref", "amount"),
    REBATES: (
        "closed_in", "month", "agreement_ref", "term_ref", "kind", "base", "amount", "value", "status",
    ),
    CLOSES: (
        "month", "community_code", "opening", "rebate_in", "recovered_in", "subsidy_in", "topup_in",
        "transfer_in", "bill_out", "closing", *(f"{fund}_closing" for fund in FUNDS[1:]),
    ),
}  # fmt: skip

Cells = tuple[str, ...]


def rows(month: Month, code: str, computed: Computed, funds: FundMonth) -> dict[str, list[Cells]]:
    """The rows of a community's month by file, each file sorted by its columns from the left."""
    name = str(month)
    return {
        SHARES: sorted(_shares(name, computed)),
        CHARGES: sorted(
            (name, one.agreement_ref, one.kind, one.ref if one.kind == CORRECTION else "", text(one.amount))
            for one in computed.charges
        ),
        REBATES: sorted(_rebates(name, computed)),
        CLOSES: [_close(name, code, funds)],
    }


def _shares(name: str, computed: Computed) -> Iterator[Cells]:
    for sharing in computed.sharings:
        ref = sharing.bill_ref
        for one in sharing.shares:
            yield (
                name, ref, one.agreement_ref, optional_text(one.quantity, QUANTITY),
                text(one.gross), text(one.subsidy), text(one.amount), one.flags,
            )  # fmt: skip


def _rebates(name: str, computed: Computed) -> Iterator[Cells]:
    for one in computed.rebates:
        value = optional_text(one.value) if one.status == IN_KIND else ""
        yield (
            name, one.month, one.agreement_ref, one.term_ref, one.kind,
            optional_text(one.base), optional_text(one.amount), value, one.status,
        )  # fmt: skip


def _close(name: str, code: str, funds: FundMonth) -> Cells:
    month = funds.utility
    return (
        name, code, text(month.opening), text(month.rebate_in), text(month.recovered_in),
        text(month.subsidy_in), text(month.topup_in), text(month.transfer_in), text(month.bill_out),
        *(text(funds.closing[fund]) for fund in FUNDS),
    )  # fmt: skip


def line(cells: Iterable[str]) -> str:
    """One row as a line of CSV without its line end; quoted only where a cell needs it."""
    plain = ",".join(cells)
    if (
        '"' not in plain
        and "\n" not in plain
        and "\r" not in plain
        and plain.count(",") == len(tuple(cells)) - 1
    ):
        return plain
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()


def export_lines(month: Month, code: str, computed: Computed, funds: FundMonth) -> list[str]:
    """All lines of a community's month in export order: shares, charges, rebates, closes."""
    by_file = rows(month, code, computed, funds)
    return [line(cells) for name in FILES for cells in by_file[name]]
