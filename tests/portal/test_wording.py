"""Staff's pages speak as people do: titles, counts, months and refusals, in Chinese and in English."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.urls import reverse
from django.utils import translation

from billing.models import CloseState, Receipt
from facilities.models import BookingState
from portal.access import Role
from portal.admin import in_words as said
from portal.months import Month, in_words
from residents.models import NeedState
from tests.factories import (
    CommunityFactory,
    MeterFactory,
    MonthCloseFactory,
    ReceiptFactory,
    RevenueFactory,
    SpaceFactory,
    staff,
)

pytestmark = pytest.mark.django_db
OURS = ("portal", "facilities", "residents", "services", "billing")
# What Django says of any model whatever.
MACHINE = ("增加", "来修改", "添加另一个", "增加另一个", "你确认想要", "是的，我确定")


@pytest.fixture
def here():
    return CommunityFactory()


@pytest.fixture
def accountant(client, here):
    user = staff(Role.ACCOUNTANT, here)
    client.force_login(user)
    return user


def text_of(client, name, *args, language="zh-hans"):
    return client.get(
        reverse(f"admin:{name}", args=args), headers={"accept-language": language}
    ).content.decode()


def title_of(text):
    return re.search(r"<title>\s*(.*?)\s*</title>", text, re.DOTALL)[1].split(" | ")[0]


def test_a_list_and_its_pages_are_called_by_what_they_hold(client, here):
    client.force_login(staff(Role.CLERK, here))
    space = SpaceFactory(facility__community=here)

    shown = text_of(client, "facilities_space_changelist")
    adding = text_of(client, "facilities_space_add")
    changing = text_of(client, "facilities_space_change", space.pk)

    assert title_of(shown) == "空间"
    assert "共 1 条" in shown
    assert title_of(adding) == "新增空间"
    assert [word for word in MACHINE if word in shown + adding + changing] == []


def test_a_row_that_is_to_go_is_named_as_people_name_it(client, accountant, here):
    revenue = RevenueFactory(agreement__facility__community=here, month="2026-10")

    text = text_of(client, "billing_revenue_delete", revenue.pk)

    assert f"确定要删除商家收入“{revenue.agreement} · 2026年10月”吗？" in text
    assert "删除" in re.search(r"<h1.*?</h1>", text, re.DOTALL)[0]
    assert [word for word in MACHINE if word in text] == []


@pytest.mark.parametrize("name", ["books_month", "books_readings", "books_bills", "books_revenue"])
def test_a_month_is_written_in_words_over_its_pages(client, accountant, here, name):
    MeterFactory(facility__community=here)

    title = title_of(text_of(client, name, here.pk, "2026-10"))

    assert title.startswith(str(here))
    assert "2026年10月" in title


def test_a_closed_month_is_called_by_its_place(here):
    close = MonthCloseFactory(community=here, month="2026-10", state=CloseState.DRAFT)

    assert str(close) == f"{here} · 2026年10月"


def test_a_month_in_words_follows_the_language_and_leaves_other_texts():
    with translation.override("en"):
        assert Month(2026, 10).words == "October 2026"
    assert in_words("2026-10") == "2026年10月"
    assert in_words("始终") == "始终"


def test_a_number_that_is_taken_is_told_in_words(client, accountant, here):
    taken = ReceiptFactory(community=here)
    form = {"community": here.pk, "ref": taken.ref, "provider": taken.provider_id}
    form |= {"date": "2026-10-08", "amount": "1.00"}

    answer = client.post(reverse("admin:billing_receipt_add"), form)

    assert answer.context_data["adminform"].form.errors["ref"] == [
        "已经有这个收款编号的收款，请核对后换一个。"
    ]
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("name", ["admin:billing_reading_add", "admin:books_readings"])
def test_a_year_that_is_a_slip_of_the_hand_is_refused_in_every_form(client, here, name):
    client.force_login(staff(Role.CLERK, here))
    meter = MeterFactory(facility__community=here)
    address = reverse(name, args=[here.pk, "2026-10"] if name.endswith("readings") else [])
    row = {"read_on": "9999-12-11", "kind": "regular", "value": "5"}
    prefixed = {f"m{meter.pk}-{key}": value for key, value in row.items()}

    answer = client.post(address, {"meter": meter.pk, **row, **prefixed})

    assert "年份不对，请核对：9999 年。" in answer.content.decode()
    assert not meter.readings.exists()


def test_an_account_says_whether_it_has_a_password_and_not_how_it_is_kept(client, here):
    client.force_login(staff(Role.REGION_ADMIN, here))
    colleague = staff(Role.CLERK, here)
    colleague.set_password("a long sentence")
    colleague.save()

    text = text_of(client, "portal_user_change", colleague.pk)

    assert "已设置" in text
    assert not re.search("pbkdf2|md5|算法|哈希", text)


def test_the_menu_in_english_has_plurals(client, accountant):
    text = text_of(client, "index", language="en")

    translation.activate("zh-hans")
    assert "Spaces" in text
    assert "Agreements" in text


def test_every_recorded_action_is_said_in_words():
    text = "".join(path.read_text() for app in OURS for path in Path(app).rglob("*.py"))
    actions = set(re.findall(r'audit\.record\(\s*"([a-z_]+\.[a-z_]+)"', text))
    actions |= {f"booking.{state}" for state in ("made", *BookingState)}
    actions |= {f"need.{state}" for state in NeedState} | {f"month.{state}" for state in CloseState}

    assert len(actions) > 50
    assert [action for action in sorted(actions) if re.search("[a-z]", said(action))] == []


@pytest.mark.parametrize("role", [Role.CLERK, Role.REGION_ADMIN])
def test_no_list_has_a_head_in_code(client, here, role):
    client.force_login(staff(role, here))

    for model, model_admin in admin.site._registry.items():
        heads = [str(label_for_field(name, model, model_admin)) for name in model_admin.list_display]
        assert [head for head in heads if re.fullmatch("[A-Za-z _]+", head)] == [], model


def test_a_list_with_nothing_in_it_says_so_and_what_is_not_found_apart(client, accountant):
    empty = text_of(client, "billing_receipt_changelist")
    client.force_login(accountant)
    unfound = client.get(reverse("admin:billing_receipt_changelist"), {"q": "zzz"}).content.decode()

    assert "还没有收款" in empty
    assert "清除" not in empty
    assert "没有找到" in unfound
    assert "清除" in unfound
