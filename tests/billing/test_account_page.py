"""The page of one account: its lines in words, running balances, and turning from page to page."""

import html
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import accounts, closing
from billing.models import Account, Entry
from portal.access import Role
from tests.billing.worlds import NOVEMBER, OCTOBER, SEPTEMBER, world
from tests.factories import (
    AccountFactory,
    BillFactory,
    ChargeTermFactory,
    CommunityFactory,
    CorrectionFactory,
    OpeningBalanceFactory,
    PaymentFactory,
    RebateTermFactory,
    ReceiptFactory,
    TopUpFactory,
    TransferFactory,
    UtilityTermFactory,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def fund() -> Account:
    """100.00 at the start, thirty times 10.00 in September, thirty times 5.00 in October: 61 lines, 550.00."""
    community = CommunityFactory()
    OpeningBalanceFactory(community=community, fund="utility", amount="100.00")
    for month, day, amount in ((SEPTEMBER, "2026-09-15", "10.00"), (OCTOBER, "2026-10-15", "5.00")):
        TopUpFactory.create_batch(30, community=community, date=day, amount=amount)
        closing.close_batch(month, [community.code])
    return Account.objects.get(kind="fund", name="utility")


def address(account: Account, asked: str = "") -> str:
    return reverse("admin:billing_account_statement", args=[account.pk]) + asked


def page_of(client, account: Account, asked: str = "") -> dict:
    """What a page shows: how many lines, what it starts from and ends with, and where it leads."""
    answer = client.get(address(account, asked))
    assert answer.status_code == 200
    lines, text = answer.context["lines"], answer.content.decode()
    links = {html.unescape(link) for link in re.findall(r'href="(\?[^"]+)"', text)}
    return {
        "lines": len(lines),
        "opening": answer.context["opening"].amount,
        "balances": [(row.balance.side, row.balance.size) for row in lines],
        "links": links,
        "text": re.sub(r"\s+", " ", text),
    }


def find(links: set[str], start: str) -> str:
    (found,) = [link for link in links if link.startswith(start)]
    return found


def test_running_balances_add_up_over_pages_and_months(client, fund: Account):
    client.force_login(staff(Role.CLERK, fund.community))

    first = page_of(client, fund, "?at=first")
    second = page_of(client, fund, find(first["links"], "?after="))
    last = page_of(client, fund)
    before = page_of(client, fund, find(last["links"], "?before="))
    october = page_of(client, fund, "?month=2026-10")

    assert (first["lines"], first["opening"]) == (50, Decimal("0.00"))
    assert first["balances"][0] == ("贷", Decimal("100.00"))
    assert first["balances"][30] == ("贷", Decimal("400.00"))
    assert first["balances"][-1] == ("贷", Decimal("495.00"))
    assert (second["lines"], second["opening"]) == (11, Decimal("-495.00"))
    assert second["balances"][-1] == ("贷", Decimal("550.00"))
    assert (last["lines"], last["opening"]) == (50, Decimal("-200.00"))
    assert last["balances"][0] == ("贷", Decimal("210.00"))
    assert last["balances"][-1] == ("贷", Decimal("550.00"))
    assert (before["lines"], before["balances"][-1]) == (11, ("贷", Decimal("200.00")))
    assert (october["lines"], october["opening"]) == (30, Decimal("-400.00"))
    assert october["balances"][0] == ("贷", Decimal("405.00"))
    for page in (second, last, october):
        assert f'承前页</td><td class="number" data-label="余额（元）">贷 {-page["opening"]}' in page["text"]
    assert '贷 550.00 <span class="muted">账上结余' in first["text"]
    assert "承前页" not in first["text"]


def test_the_ends_lead_no_further(client, fund: Account):
    client.force_login(staff(Role.CLERK, fund.community))

    first, last = page_of(client, fund, "?at=first"), page_of(client, fund, "?at=last")

    assert {link.partition("=")[0] for link in first["links"]} == {"?after", "?at"}
    assert {link.partition("=")[0] for link in last["links"]} == {"?before", "?at"}
    assert "?at=first" not in first["links"]
    assert "?at=last" not in last["links"]


def test_each_line_says_what_it_was_and_leads_to_its_row(client):
    here = world()
    shop = here.shops[0]
    RebateTermFactory(agreement=here.shops[1], ref=here.bill.ref, kind="fixed", monthly_amount="33.00")
    ChargeTermFactory(agreement=shop, kind="property_fee", area_m2="10", rate="2.0000")
    UtilityTermFactory(
        agreement=shop, utility="electricity", method="shared", subsidy_percent="10", subsidy_fund="welfare"
    )
    rows = {
        "期初余额": OpeningBalanceFactory(community=here.community, fund="welfare", amount="900.00"),
        "资金补入": TopUpFactory(community=here.community, fund="grant"),
        "资金划转": TransferFactory(community=here.community),
        "收费更正": CorrectionFactory(agreement=shop),
        "商家缴款": ReceiptFactory(community=here.community, provider=shop.provider),
        "付水电费": PaymentFactory(bill=here.bill),
        "水电账单": here.bill,
        "水电分摊": here.bill,
        "水电补贴": here.bill,
    }
    closing.close_batch(SEPTEMBER, [here.code])
    taken_back = BillFactory(facility=here.bill.facility, takes_back=True, corrects=here.bill)
    closing.close_batch(OCTOBER, [here.code])
    rows |= {"冲回水电账单": taken_back, "冲回水电分摊": taken_back, "冲回水电补贴": taken_back}
    client.force_login(staff(Role.INSPECTOR, here.community))

    told: dict[str, set] = {}
    for account in Account.objects.all():
        for row in client.get(address(account, "?at=first")).context["lines"]:
            told.setdefault(str(row.event.words), set()).add(row.source)

    assert told.keys() == rows.keys() | {"公益反哺", "物业费"}
    for words, row in rows.items():
        assert told[words] == {reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])}, words
    for source in set().union(*told.values()):
        assert client.get(source).status_code == 200
    assert len(told["公益反哺"]) == 3  # two in September, the fixed one again in October


def test_a_line_names_the_other_accounts_of_its_entry(client):
    here = world()
    closing.close_batch(SEPTEMBER, [here.code])
    owed = Account.objects.get(kind="receivable", provider=here.shops[0].provider)
    client.force_login(staff(Role.OFFICIAL, here.community))

    answer = client.get(address(owed))

    assert {one.words for row in answer.context["lines"] for one in row.others} == {"资金 · 水电账户"}
    assert f"应收 · {here.shops[0].provider}" in answer.content.decode()


def test_an_account_elsewhere_does_not_exist(client, fund: Account):
    client.force_login(staff(Role.ACCOUNTANT, CommunityFactory()))

    assert client.get(address(fund)).status_code == 404


@pytest.mark.parametrize("asked", ["", "?at=first", "?month=2026-10", "?after=", "?before="])
def test_no_page_costs_more_than_15_queries_however_many_lines(
    client, fund: Account, asked, django_assert_max_num_queries
):
    first = accounts.first_page(fund)
    cursor = {"?after=": first.first_cursor, "?before=": first.last_cursor}.get(asked, "")
    client.force_login(staff(Role.APPROVER, fund.community))
    client.get(address(fund))

    with django_assert_max_num_queries(15) as asked_of_the_database:
        answer = client.get(address(fund, asked + cursor))

    assert len(answer.context["lines"]) >= 30
    assert not any("OFFSET" in query["sql"] for query in asked_of_the_database.captured_queries)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("?after=none", "没有地址里写的那一行"),
        ("?before=1.99999", "没有地址里写的那一行"),
        ("?after=999999999999999999.1", "没有地址里写的那一行"),
        ("?after=", "没有地址里写的那一行"),
        ("?month=September", "月份写成 2026-09 的样子"),
        ("?month=2027-01", "2027年1月起还没有账"),
    ],
)
def test_an_address_that_names_nothing_leads_to_the_newest_page_and_says_so(
    client, fund: Account, asked, said
):
    client.force_login(staff(Role.CLERK, fund.community))

    shown = page_of(client, fund, asked)

    assert said in shown["text"]
    assert shown["balances"][-1] == ("贷", Decimal("550.00"))


def test_a_line_of_another_account_is_no_place_in_this_one(client, fund: Account):
    cash = Account.objects.get(kind="cash")
    elsewhere = accounts.first_page(cash).rows[3].cursor
    client.force_login(staff(Role.CLERK, fund.community))

    assert "没有地址里写的那一行" in page_of(client, fund, f"?after={elsewhere}")["text"]


def test_a_month_without_lines_starts_with_those_that_follow(client):
    community = CommunityFactory()
    TopUpFactory(community=community, date="2026-09-15", amount="10.00")
    TopUpFactory(community=community, date="2026-11-15", amount="2.50")
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        closing.close_batch(month, [community.code])
    account = Account.objects.get(kind="cash")
    client.force_login(staff(Role.CLERK, community))

    shown = page_of(client, account, f"?month={OCTOBER}")

    assert (shown["opening"], shown["balances"]) == (Decimal("10.00"), [("借", Decimal("12.50"))])


def test_an_account_without_lines_says_so(client):
    account = AccountFactory()
    client.force_login(staff(Role.CLERK, account.community))

    shown = page_of(client, account, "?month=2026-09")

    assert shown["lines"] == 0
    assert "这个账户还没有账" in shown["text"]
    assert "平 0.00" in shown["text"]


def test_lists_of_accounts_month_ends_and_entries_lead_there(client, fund: Account):
    client.force_login(staff(Role.OFFICIAL, fund.community))
    entry = Entry.objects.filter(close__month=SEPTEMBER).first()

    pages = {
        address(fund): reverse("admin:billing_account_changelist"),
        address(fund, "?month=2026-10"): reverse("admin:billing_accountmonth_changelist"),
        address(fund, "?month=2026-09"): reverse("admin:billing_entry_change", args=[entry.pk]),
        reverse("admin:billing_account_changelist") + f"?community__exact={fund.community_id}": reverse(
            "admin:books_month", args=[fund.community_id, SEPTEMBER]
        ),
    }

    for link, page in pages.items():
        text = client.get(page).content.decode()
        assert re.search(f"href=['\"]{re.escape(link)}['\"]", text), page
    assert client.get(reverse("admin:billing_account_change", args=[fund.pk])).status_code == 200
    assert str(fund.community) in client.get(list(pages)[-1]).content.decode()
