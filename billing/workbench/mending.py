"""From what stops a month to the place where it is mended."""

from typing import NamedTuple

from django.urls import reverse

from billing.blocks import Block
from billing.workbench.place import Place

LISTS = {
    "facility": "facilities_facility",
    "bill": "billing_utilitybill",
    "agreement": "services_agreement",
    "meter": "billing_meter",
    "term": "billing_rebateterm",
    "revenue": "billing_revenue",
}
# Blocks whose cure lies elsewhere than in the thing they name.
CURES = {
    "no_closing_reading": "books_readings",
    "meter_backwards": "books_readings",
    "over_measured": "books_readings",
}
ELSEWHERE = {
    "no_weight": "billing_utilityterm",
    "shared_under_loss": "billing_sharingrule",
    "no_residential_price": "billing_tariff",
    "no_submeter": "billing_meter",
    "no_charge_area": "billing_chargeterm",
    "fund_lacks": "billing_topup",
}


class Mend(NamedTuple):
    """A block with the page on which to mend it."""

    block: Block
    href: str


def mends(place: Place, blocks: list[dict]) -> list[Mend]:
    return [
        Mend(block, href(place, block.code, block.kind, block.ref)) for block in map(Block.from_data, blocks)
    ]


def href(place: Place, code: str, kind: str, ref: str) -> str:
    """Return the address of the page where this is put right; the month itself where there is none."""
    if code in CURES:
        return place.url(CURES[code])
    if code == "earlier_month_open":
        return reverse("admin:books_month", args=[place.code, str(place.month.previous())])
    name = ELSEWHERE.get(code) or LISTS.get(kind)
    if name is None:
        return place.home
    query = (
        f"?q={ref}"
        if kind in LISTS and ELSEWHERE.get(code) not in ("billing_tariff", "billing_topup")
        else ""
    )
    return reverse(f"admin:{name}_changelist") + query
