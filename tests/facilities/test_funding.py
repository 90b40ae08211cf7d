"""Every yuan of a project has a payer, and there is never more spent than there is."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facilities import funding
from facilities.models import Flow, Funding
from portal.access import Role
from portal.money import share_equally
from tests.factories import FundingFactory, PhaseFactory, UserFactory, staff

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 3, 4)
FIVE = ["甲", "乙", "丙", "丁", "戊"]


@given(fen=st.integers(1, 10**11), number=st.integers(1, 60))
def test_equal_parts_add_up_and_differ_by_a_fen_at_most(fen, number):
    total = Decimal(fen) / 100

    parts = share_equally(total, number)

    assert sum(parts) == total
    assert max(parts) - min(parts) <= Decimal("0.01")
    assert parts == sorted(parts, reverse=True)


def pledged(total, payers=FIVE, phase=None):
    phase = phase or PhaseFactory(project__approved=True)
    amount = Decimal(total)
    return funding.pledge(phase, "incubated", payers, amount, on=DAY, minutes="约定", by=UserFactory())


def paid(amount, **extra):
    return funding.Spending(Decimal(amount), "装修", "施工单位", DAY, "GC-1", **extra)


def received(rows):
    for row in rows:
        funding.receive(row, row.pledged, on=DAY, evidence="SJ", by=UserFactory())
    return rows


def sums(rows):
    found = Funding.objects.filter(pk__in=[row.pk for row in rows]).with_sums().order_by("pk")
    return [(row.pledged, row.received, row.spent, row.held) for row in found]


def test_five_enterprises_share_half_a_million_equally():
    rows = pledged("500000")

    assert [row.pledged for row in rows] == [Decimal("100000.00")] * 5
    assert all(row.is_shared_equally for row in rows)


def test_what_does_not_divide_goes_to_the_first_by_a_fen():
    assert [row.pledged for row in pledged("100", ["甲", "乙", "丙"])] == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]


@pytest.mark.parametrize("payers", [[], ["甲", "甲"], [" "]])
def test_payers_are_named_once_each(payers):
    with pytest.raises(funding.FundingRefused, match="不要重复"):
        pledged("100", payers)


def test_a_payer_stands_once_in_a_phase():
    (row,) = pledged("100", ["甲"])

    with pytest.raises(funding.FundingRefused, match="已有出资方：甲"):
        pledged("50", ["甲", "乙"], phase=row.phase)


def test_no_more_is_received_than_was_promised():
    (row,) = pledged("100", ["甲"])
    funding.receive(row, Decimal("60"), on=DAY, evidence="SJ", by=UserFactory())

    with pytest.raises(funding.FundingRefused, match="再收就超了"):
        funding.receive(row, Decimal("40.01"), on=DAY, evidence="SJ", by=UserFactory())
    with pytest.raises(funding.FundingRefused, match="不能比它少"):
        funding.amend(row, Decimal("59"), "新约定", by=UserFactory())


def test_a_plan_not_yet_approved_takes_no_money():
    (row,) = pledged("100", ["甲"], phase=PhaseFactory())

    with pytest.raises(funding.FundingRefused, match="没有批准"):
        funding.receive(row, Decimal("1"), on=DAY, evidence="SJ", by=UserFactory())


def test_a_payment_is_borne_in_proportion_to_what_is_left():
    rows = received(pledged("100", ["甲", "乙", "丙"]))

    flows = funding.spend(rows[0].phase, paid("50"), by=UserFactory())

    assert [flow.amount for flow in flows] == [Decimal("16.67"), Decimal("16.67"), Decimal("16.66")]
    assert len({flow.voucher for flow in flows}) == 1


def test_no_more_is_spent_than_there_is():
    rows = received(pledged("100"))

    with pytest.raises(funding.FundingRefused, match="只有 100.00 元"):
        funding.spend(rows[0].phase, paid("100.01"), by=UserFactory())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pledges=st.lists(st.integers(1, 10**7), min_size=1, max_size=6),
    shares=st.lists(st.integers(1, 100), max_size=4),
)
def test_whatever_is_paid_every_fen_is_somebodys_and_nobody_is_below_zero(pledges, shares):
    with transaction.atomic():
        phase = PhaseFactory(project__approved=True)
        rows = [FundingFactory(phase=phase, pledged=Decimal(fen) / 100) for fen in pledges]
        received(rows)
        total, spent = sum(row.pledged for row in rows), Decimal(0)
        for share in shares:
            amount = ((total - spent) * share / 100).quantize(Decimal("0.01"))
            if amount > 0 and amount <= total - spent:
                funding.spend(phase, paid(amount), by=None)
                spent += amount

        after = sums(rows)
        assert sum(held for *_rest, held in after) == total - spent
        assert all(held >= 0 for *_rest, held in after)
        transaction.set_rollback(True)


def test_a_wrong_payment_is_taken_back_whole_and_once():
    rows = received(pledged("100"))
    flows = funding.spend(rows[0].phase, paid("50"), by=UserFactory())

    funding.take_back(flows[2], "付错了", by=UserFactory())

    assert [held for *_rest, held in sums(rows)] == [Decimal("20.00")] * 5
    with pytest.raises(funding.FundingRefused, match="已经冲回过"):
        funding.take_back(flows[0], "再冲", by=UserFactory())


def test_money_that_was_spent_cannot_be_said_not_to_have_come():
    rows = received(pledged("100", ["甲"]))
    funding.spend(rows[0].phase, paid("1"), by=UserFactory())

    with pytest.raises(funding.FundingRefused, match="先冲回支出"):
        funding.take_back(rows[0].flows.get(kind="received"), "没到", by=UserFactory())


def test_entries_are_never_changed():
    received(pledged("100", ["甲"]))

    for change in (Flow.objects.all().delete, lambda: Flow.objects.update(amount=1)):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_everybody_reads_who_paid_what_for_what(client):
    rows = received(pledged("100"))
    funding.spend(rows[0].phase, paid("50"), by=UserFactory())

    page = client.get(reverse("project", args=[rows[0].phase.project_id])).content.decode()

    for text in (*FIVE, "20.00", "10.00", "装修", "施工单位", "GC-1"):
        assert text in page


def test_the_public_page_costs_the_same_for_one_payment_or_twelve(client, django_assert_max_num_queries):
    rows = received(pledged("100"))
    for _number in range(12):
        funding.spend(rows[0].phase, paid("5"), by=UserFactory())

    with django_assert_max_num_queries(12):
        client.get(reverse("project", args=[rows[0].phase.project_id]))


def test_an_accountant_enters_money_and_a_clerk_does_not(client):
    (row,) = pledged("100", ["甲"])
    address = reverse("admin:facilities_project_do", args=[row.phase.project_id, "receive"])
    form = {"funding": row.pk, "amount": "60", "on": "2026-03-02", "evidence": "SJ-1"}

    client.force_login(staff(Role.CLERK, row.community))
    assert client.post(address, form).status_code == 403
    client.force_login(staff(Role.ACCOUNTANT, row.community))
    assert client.post(address, {**form, "amount": "-1"}).status_code == 422
    assert client.post(address, form).status_code == 302

    assert sums([row]) == [(Decimal("100.00"), Decimal("60.00"), Decimal("0.00"), Decimal("60.00"))]


def test_what_refuses_a_payment_is_said_above_it_and_nothing_typed_is_lost(client):
    row = received(pledged("100"))[0]
    address = reverse("admin:facilities_project_do", args=[row.phase.project_id, "spend"])
    form = {"phase": row.phase_id, "amount": "100.01", "purpose": "装修", "payee": "施工单位"}
    client.force_login(staff(Role.ACCOUNTANT, row.community))

    answer = client.post(address, {**form, "evidence": "GC-7", "on": f"{DAY}"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "账上只有 100.00 元" in page
    assert "GC-7" in page
    assert not Flow.objects.filter(kind="spent").exists()


def test_money_of_another_project_is_no_choice(client):
    (row,), (foreign,) = pledged("100", ["甲"]), pledged("100", ["乙"])
    address = reverse("admin:facilities_project_do", args=[row.phase.project_id, "receive"])
    client.force_login(staff(Role.ACCOUNTANT, row.community, foreign.community))

    form = {"funding": foreign.pk, "amount": "60", "on": "2026-03-02", "evidence": "SJ-1"}

    assert client.post(address, form).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_payments_at_once_never_spend_the_same_money():
    rows = received(pledged("100"))
    start, results = threading.Barrier(2), []

    def pay():
        start.wait()
        try:
            results.append(len(funding.spend(rows[0].phase, paid("80"), by=None)))
        except funding.FundingRefused:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=pay) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results, key=str) == [5, "refused"]
    assert sum(held for *_rest, held in sums(rows)) == Decimal("20.00")


@pytest.mark.parametrize(
    "day", [dt.date(1999, 12, 31), dt.date.max, timezone.localdate() + dt.timedelta(days=1)]
)
def test_money_does_not_come_or_go_on_a_day_that_is_not_here_yet_or_long_gone(day):
    row = pledged("100", ["甲"])[0]
    bill = funding.Spending(Decimal(1), "装修", "施工单位", day, "GC-1")

    for act in (
        lambda: funding.pledge(
            row.phase, "street", ["街道"], Decimal(1), on=day, minutes="纪要", by=UserFactory()
        ),
        lambda: funding.receive(row, Decimal(1), on=day, evidence="SJ", by=UserFactory()),
        lambda: funding.spend(row.phase, bill, by=UserFactory()),
    ):
        with pytest.raises(funding.FundingRefused, match="日期不对"):
            act()


@pytest.mark.parametrize("payers", [["甲" * 81], [str(number) for number in range(201)]])
def test_payer_too_long_and_too_many_payers_are_refused_in_words(payers):
    with pytest.raises(funding.FundingRefused, match="一次最多写 200 个出资方，每个不超过 80 个字"):
        pledged("1000", payers)
