"""An account's balance and the pages of its lines, from the months' ends."""

from decimal import Decimal

import pytest

from billing import accounts, closing
from billing.models import Account
from tests.billing.worlds import OCTOBER, SEPTEMBER, world
from tests.factories import BillFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def fund() -> Account:
    """A utility fund with the lines of two months."""
    here = world()
    closing.close_batch(SEPTEMBER, [here.code])
    BillFactory(facility=here.bill.facility, period_start="2026-10-01", period_end="2026-10-31")
    closing.close_batch(OCTOBER, [here.code])
    return Account.objects.get(kind="fund", name="utility")


def test_the_balance_is_what_all_lines_add_up_to(fund: Account):
    assert accounts.balance(fund) == sum(line.amount for line in fund.lines.all())
    assert accounts.balance(Account(pk=0)) == Decimal("0.00")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_forwards_and_backwards_tell_the_same_lines_and_balances(fund: Account, size: int):
    whole = accounts.first_page(fund)
    forwards = [page := accounts.first_page(fund, size=size)]
    while page.has_later:
        forwards.append(page := accounts.page_after(fund, page.rows[-1].cursor, size=size))
    backwards = [page := accounts.last_page(fund, size=size)]
    while page.has_earlier:
        backwards.append(page := accounts.page_before(fund, page.rows[0].cursor, size=size))

    assert [row for page in forwards for row in page.rows] == whole.rows
    assert [row for page in backwards[::-1] for row in page.rows] == whole.rows
    assert whole.rows[-1].balance == accounts.balance(fund)
    assert forwards[0].opening == backwards[-1].opening == Decimal("0.00")
