"""What nobody sees in a text is not kept, whichever way it comes in."""

import pytest
from django.urls import reverse

from billing.packs import values
from facilities.models import Funding
from portal.access import Role
from portal.api.serializers import SeenField
from portal.models import User
from portal.spreadsheets import columns
from portal.visible import visible
from tests.entrance import new_phone
from tests.factories import PhaseFactory, UserFactory, staff

UNSEEN = ["\u200b", "\u202e", "\ufeff", "\u2066", "\u00ad", "\u3164", "\x08"]


@pytest.mark.parametrize("sign", UNSEEN)
def test_sign_without_a_shape_is_left_out(sign):
    assert visible(f"居{sign}民甲") == "居民甲"


@pytest.mark.parametrize("text", ["第一行\n第二行\r\n", "表\t格", "𠮷野家", "café ☕️", "ㄅㄆㄇ", "한글"])
def test_what_is_seen_stays(text):
    assert visible(text) == text


@pytest.mark.django_db
def test_form_keeps_what_was_seen(client):
    client.post(reverse("account_signup"), {"contact": new_phone(), "display_name": "居\u202e民\u200b甲"})

    assert User.objects.filter(display_name="居民甲").exists()


@pytest.mark.django_db
def test_password_is_taken_as_it_was_typed(client):
    user = UserFactory()
    user.set_password("keeps\u200bsigns")
    user.save()

    client.post(reverse("account_login"), {"login": user.username, "password": "keeps\u200bsigns"})

    assert "_auth_user_id" in client.session


@pytest.mark.django_db
def test_two_payers_that_look_the_same_are_one(client):
    phase = PhaseFactory(project__approved=True)
    client.force_login(staff(Role.ACCOUNTANT, phase.project.community))
    pledge = {"phase": phase.pk, "source": "operator", "payers": "企业甲\n企业\u200b甲", "total": "100"}
    pledge |= {"on": "2024-03-04", "minutes": "约定"}

    answer = client.post(reverse("admin:facilities_project_do", args=[phase.project_id, "pledge"]), pledge)

    assert "不要重复" in answer.content.decode()
    assert not Funding.objects.exists()


@pytest.mark.django_db
def test_nul_is_answered_as_a_bad_request(client):
    assert client.get(reverse("communities"), {"q": "a\0b"}).status_code == 400


def test_interface_and_spreadsheets_keep_what_was_seen():
    assert SeenField().run_validation("合\u200b唱") == "合唱"
    assert columns.plain("居\u200b民甲") == "居民甲"


def test_pack_says_what_is_wrong():
    read = values._text(Funding._meta.get_field("payer"))

    with pytest.raises(values.BadValue, match="看不见的字符"):
        read("企业\u200b甲")
