"""Load the residential prices of the regions above a batch of communities."""

from collections.abc import Iterable

from billing.books import Prices, Tariff, ancestors
from billing.columns import among, units
from billing.models import PriceClass
from billing.models import Tariff as TariffRow
from billing.money import PRICE


def load_prices(books: Iterable[str]) -> Prices:
    """Residential prices of every region above one of the communities."""
    prices = Prices()
    regions = {region for code in books for region in ancestors(code)}
    rows = TariffRow.objects.filter(among("region_id", regions), price_class=PriceClass.RESIDENTIAL)
    for region, utility, *values in rows.values_list(
        "region_id", "utility", "valid_from", units("unit_price", PRICE), "source"
    ):
        prices.add(region, utility, Tariff(*values))
    return prices
