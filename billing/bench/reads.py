"""Reading accounts: one with a million lines, and opening one among twenty thousand."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from django.db import connection

from billing import accounts
from billing.events import events
from billing.models import Account
from facilities.models import Community
from portal.months import Month
from services.models import Provider

LINES, MONTHS, ACCOUNTS = 1_000_000, 100, 20_000
SPARE = 20  # providers that still get an account

# Made without the triggers, which check what a close writes: every entry below has its two lines.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO billing_monthclose
        (community_id, month, state, version, blocks, digest, last_entry, posted_at)
    SELECT %(code)s, to_char(date '2015-01-01' + n * interval '1 month', 'YYYY-MM'), 'posted', 1, '[]', 'made',
        %(each)s * (n + 1), now() FROM generate_series(0, %(months)s - 1) n;
    INSERT INTO billing_entry (close_id, number, date, source)
    SELECT c.id, n + %(each)s * (rank - 1), (c.month || '-01')::date, 'made'
    FROM (SELECT id, month, row_number() OVER (ORDER BY month) AS rank
        FROM billing_monthclose WHERE community_id = %(code)s) c, generate_series(1, %(each)s) n
    ORDER BY c.month, n;
    INSERT INTO billing_line (entry_id, position, account_id, amount)
    SELECT e.id, side, CASE side WHEN 1 THEN %(cash)s ELSE %(fund)s END, CASE side WHEN 1 THEN 1.25 ELSE -1.25 END
    FROM billing_entry e JOIN billing_monthclose c ON c.id = e.close_id AND c.community_id = %(code)s,
        generate_series(1, 2) side ORDER BY e.id, side;
    INSERT INTO billing_accountmonth (account_id, month, debit, credit, balance)
    SELECT a.id, c.month, CASE a.kind WHEN 'cash' THEN 1.25 * %(each)s ELSE 0 END,
        CASE a.kind WHEN 'cash' THEN 0 ELSE 1.25 * %(each)s END,
        CASE a.kind WHEN 'cash' THEN 1.25 ELSE -1.25 END * c.last_entry
    FROM billing_monthclose c JOIN billing_account a ON a.id IN (%(cash)s, %(fund)s)
    WHERE c.community_id = %(code)s;
    SET session_replication_role = DEFAULT;
"""
MANY = """
    INSERT INTO billing_account (community_id, kind, provider_id, name)
    SELECT c.code, 'receivable', p.id, ''
    FROM (SELECT code FROM facilities_community ORDER BY code LIMIT %(communities)s) c,
        (SELECT id FROM services_provider WHERE ref LIKE 'bench-%%' ORDER BY id LIMIT %(providers)s) p
    ORDER BY c.code, p.id LIMIT %(accounts)s
"""


def long_account(community: Community) -> Account:
    """An account with a million lines in a hundred months, made in a community without any."""
    cash = Account.objects.create(community=community, kind="cash", name="")
    fund = Account.objects.create(community=community, kind="fund", name="utility")
    values = {"code": community.pk, "cash": cash.pk, "fund": fund.pk}
    with connection.cursor() as cursor:
        cursor.execute(FILL, {**values, "months": MONTHS, "each": LINES // MONTHS})
        cursor.execute("VACUUM ANALYZE")
    return cash


def many_accounts() -> None:
    """Twenty thousand accounts beside each other, in all communities but one, and providers without any."""
    communities = max(1, min(100, Community.objects.count() - 1))
    providers = -(-ACCOUNTS // communities)
    Provider.objects.bulk_create(
        Provider(ref=f"bench-{number}", name="bench") for number in range(providers + SPARE)
    )
    values = {"communities": communities, "providers": providers, "accounts": ACCOUNTS}
    with connection.cursor() as cursor:
        cursor.execute(MANY, values)


def read_times(account: Account) -> dict[str, float]:
    """Milliseconds of what the account's page asks for, each the median of several."""
    last = accounts.last_page(account)
    before = accounts.page_before(account, last.first_cursor)
    middle = Month.parse(accounts.months(account)[MONTHS // 2])
    half = accounts.page_of(account, middle)
    return {
        "balance_ms": milliseconds(lambda: accounts.balance(account)),
        "first_page_ms": page_time(account, lambda: accounts.first_page(account)),
        "last_page_ms": page_time(account, lambda: accounts.last_page(account)),
        "page_before_last_ms": page_time(account, lambda: accounts.page_after(account, before.first_cursor)),
        "page_back_ms": page_time(account, lambda: accounts.page_before(account, half.last_cursor)),
        "page_of_month_ms": page_time(account, lambda: accounts.page_of(account, middle)),
    }


def page_time(account: Account, page: Callable[[], accounts.Page]) -> float:
    """Milliseconds of a page with what each of its lines was."""
    return milliseconds(
        lambda: events(account.community_id, [row.line.entry for row in page().rows]),
    )


def opening_time() -> float:
    """Milliseconds to open one more account."""
    community = Community.objects.order_by("pk").first()
    assert community is not None
    providers = iter(Provider.objects.exclude(accounts__community=community).order_by("-pk")[:SPARE])
    return milliseconds(
        lambda: Account.objects.create(community=community, kind="receivable", provider=next(providers))
    )


def milliseconds(call: Callable[[], Any], times: int = 9) -> float:
    taken = []
    for _time in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return round(median(taken), 2)
