import csv
import io

import pytest
from django.urls import reverse

from portal.access import Role
from portal.personal import lookup
from residents import consents
from residents.models import Channel, Consent, FamilyTie, Need, Purpose, Resident, TieKind
from tests.factories import (
    CommunityFactory,
    FamilyTieFactory,
    NeedFactory,
    PersonalViewFactory,
    ResidentFactory,
    UserFactory,
)
from tests.factories.residents import PHONE

pytestmark = pytest.mark.django_db

PAGES = ["me", "me_move", "me_change", "me_family", "me_consents", "me_erase", "needs"]


@pytest.fixture
def resident(client):
    found = ResidentFactory(number=PHONE)
    client.force_login(found.account)
    return found


def test_newcomer_chooses_a_community_and_registers_with_consent(client):
    community, user = CommunityFactory(), UserFactory()
    client.force_login(user)

    found = client.get(reverse("me_join"), {"q": community.name})
    address = f"{reverse('me_join')}?community={community.pk}"
    answer = client.post(address, {"called": "示例阿姨", "birth_year": 1958, "agrees": "on"})

    assert community.name in found.content.decode()
    assert answer.headers["Location"] == reverse("me")
    assert Resident.objects.get(account=user).community == community
    assert Consent.objects.in_force(Purpose.SERVICE).get().channel == Channel.SITE


@pytest.mark.parametrize(
    "given",
    [
        {"called": "示例阿姨"},
        {"called": "", "agrees": "on"},
        {"called": "13800000000", "agrees": "on"},
        {"called": "示例阿姨", "agrees": "on", "birth_year": 58},
        {"called": "示例阿姨", "agrees": "on", "phone": "12345", "agrees_phone": "on"},
        {"called": "示例阿姨", "agrees": "on", "phone": PHONE},
    ],
)
def test_registration_that_lacks_something_keeps_nothing(client, given):
    community = CommunityFactory()
    client.force_login(UserFactory())

    answer = client.post(f"{reverse('me_join')}?community={community.pk}", given)

    assert answer.status_code == 422
    assert not Resident.objects.exists()


def test_verified_number_is_offered_to_who_registers_and_kept_only_with_consent(client):
    community = CommunityFactory()
    client.force_login(
        UserFactory(phone=f"+86{PHONE}", phone_lookup=lookup(f"+86{PHONE}"), phone_verified=True)
    )
    address = f"{reverse('me_join')}?community={community.pk}"

    offered = client.get(address).context["form"]["phone"].value()
    refused = client.post(address, {"called": "示例阿姨", "agrees": "on", "phone": offered})
    client.post(address, {"called": "示例阿姨", "agrees": "on", "phone": ""})

    assert (offered, refused.status_code, Resident.objects.get().phone) == (PHONE, 422, "")


def test_number_nobody_verified_is_not_offered(client):
    community = CommunityFactory()
    client.force_login(UserFactory(phone=f"+86{PHONE}", phone_lookup=lookup(f"+86{PHONE}")))

    page = client.get(f"{reverse('me_join')}?community={community.pk}")

    assert not page.context["form"]["phone"].value()


def test_child_cannot_register_an_account_of_its_own(client):
    community = CommunityFactory()
    client.force_login(UserFactory())
    given = {"called": "示例小朋友", "birth_year": 2020, "agrees": "on"}

    answer = client.post(f"{reverse('me_join')}?community={community.pk}", given)

    assert answer.status_code == 409
    assert not Resident.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_mine_opens(client, resident, page):
    FamilyTieFactory(actor=resident)
    NeedFactory(resident=resident)
    PersonalViewFactory(resident=resident)

    assert client.get(reverse(page)).status_code == 200


def test_own_number_is_masked_on_my_page(client, resident):
    page = client.get(reverse("me")).content.decode()

    assert "138****0000" in page
    assert PHONE not in page


def test_number_given_up_ends_the_consent_to_keep_it(client, resident):
    client.post(reverse("me_change"), {"called": "示例新称呼", "phone": ""})

    resident.refresh_from_db()
    assert (resident.called, resident.phone, resident.phone_digest) == ("示例新称呼", "", "")
    assert not consents.is_given(resident, Purpose.PHONE)


def test_consent_to_keep_the_number_withdrawn_takes_the_number(client, resident):
    given = {"person": resident.pk, "purpose": "phone", "do": "withdraw"}

    client.post(reverse("me_consents"), given)

    resident.refresh_from_db()
    assert resident.phone == ""
    assert not Resident.objects.with_phone(PHONE).exists()


def test_consent_to_an_older_text_counts_no_longer(client, resident):
    Consent.objects.filter(purpose=Purpose.SERVICE).update(version=0)

    page = client.get(reverse("me")).content.decode()
    client.post(reverse("me_consents"), {"person": resident.pk, "purpose": "service", "do": "give"})

    assert reverse("me_consents") in page
    assert consents.is_given(resident, Purpose.SERVICE)
    assert Consent.objects.get(purpose=Purpose.SERVICE, version=0).withdrawn_at


@pytest.mark.parametrize(("kind", "status", "count"), [("helper", 409, 0), ("guardian", 302, 1)])
def test_child_is_registered_by_a_guardian_alone(client, resident, kind, status, count):
    given = {"called": "示例小朋友", "birth_year": 2020, "kind": kind, "agrees": "on"}

    answer = client.post(reverse("me_family"), given)

    assert answer.status_code == status
    assert Consent.objects.in_force(Purpose.CHILD).count() == count


def test_family_member_without_their_consent_is_not_registered(client, resident):
    answer = client.post(reverse("me_family"), {"called": "示例奶奶", "birth_year": 1940, "kind": "helper"})

    assert answer.status_code == 422
    assert not FamilyTie.objects.exists()


def test_removed_family_member_whom_nobody_else_acts_for_is_forgotten(client, resident):
    tie = FamilyTieFactory(actor=resident)
    shared = FamilyTieFactory(actor=resident, kind=TieKind.GUARDIAN)
    FamilyTieFactory(member=shared.member)

    for one in (tie, shared):
        client.post(reverse("me_family_remove", args=[one.pk]))

    tie.member.refresh_from_db()
    shared.member.refresh_from_db()
    assert tie.member.called == ""
    assert shared.member.called != ""


def test_others_family_and_consents_are_not_found(client, resident):
    tie = FamilyTieFactory()
    withdraw = {"person": tie.actor.pk, "purpose": "service", "do": "withdraw"}

    removed = client.post(reverse("me_family_remove", args=[tie.pk]))
    withdrawn = client.post(reverse("me_consents"), withdraw)

    assert (removed.status_code, withdrawn.status_code) == (404, 404)
    assert consents.is_given(tie.actor, Purpose.SERVICE)


@pytest.mark.parametrize("number", ["", "x", "²", "9" * 40])
def test_consent_of_nobody_is_not_found(client, resident, number):
    given = {"person": number, "purpose": "service", "do": "withdraw"}

    assert client.post(reverse("me_consents"), given).status_code == 404


def test_mover_and_family_change_community_and_lose_what_the_old_one_confirmed(client, resident):
    tie, other = FamilyTieFactory(actor=resident), CommunityFactory()
    resident.account.access_roles.create(role=Role.RESIDENT, region=resident.community.region)

    client.post(f"{reverse('me_move')}?community={other.pk}")

    assert set(Resident.objects.values_list("community", flat=True)) == {other.pk}
    assert not resident.account.access_roles.exists()
    assert tie.member.pk


def test_my_data_holds_everything_in_both_forms(client, resident):
    tie = FamilyTieFactory(actor=resident)
    need = NeedFactory(resident=resident, text="=1+1 想要示例课")

    as_json = client.get(reverse("me_data", args=["json"])).json()
    as_csv = client.get(reverse("me_data", args=["csv"])).content.decode("utf-8-sig")

    assert as_json["本人"]["手机号"] == f"+86{PHONE}"
    assert as_json["代办的家人"][0]["称呼"] == tie.member.called
    cells = [cell for row in csv.reader(io.StringIO(as_csv)) for cell in row]
    assert f"'{need.text}" in cells
    assert client.get(reverse("me_data", args=["exe"])).status_code == 404


def test_need_is_said_and_only_its_own_resident_reads_it(client, resident):
    NeedFactory(text="别人的示例愿望")

    client.post(reverse("needs"), {"text": "想要示例太极班"})
    page = client.get(reverse("needs")).content.decode()

    assert "想要示例太极班" in page
    assert "别人的示例愿望" not in page


@pytest.mark.parametrize(
    "text", ["打我电话13800000000", "138 0000-0000", "身份证 61010219500101123X", "+8613800000000"]
)
def test_need_with_a_number_of_a_person_is_not_taken(client, resident, text):
    answer = client.post(reverse("needs"), {"text": text})

    assert answer.status_code == 422
    assert not Need.objects.exists()


def test_sixth_need_of_a_day_waits_for_tomorrow(client, resident):
    NeedFactory.create_batch(5, resident=resident)

    answer = client.post(reverse("needs"), {"text": "还想要一个示例班"})

    assert answer.status_code == 409
    assert Need.objects.count() == 5


def test_my_page_costs_few_queries_with_ten_family_members(client, resident, django_assert_max_num_queries):
    FamilyTieFactory.create_batch(10, actor=resident)

    with django_assert_max_num_queries(10):
        client.get(reverse("me"))


ID_CARD = "6101 0219 5801 0112 34"


@pytest.mark.parametrize("field", ["called", "label", "phone"])
def test_number_of_an_id_card_is_kept_in_no_field_about_oneself(client, field):
    resident = ResidentFactory(account=UserFactory())
    client.force_login(resident.account)
    told = {"called": "张阿姨", "label": "", "phone": "", field: ID_CARD}

    answer = client.post(reverse("me_change"), told)

    assert answer.status_code == 422
    assert not type(resident).objects.filter(household__label=ID_CARD).exists()
