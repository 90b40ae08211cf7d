"""The staff's admin shows and offers only what lies in the user's regions, and lets each role do its part."""

import pytest
from django.urls import reverse

from billing.models import MonthClose, OpeningBalance, Reading, UtilityBill
from portal.access import Role
from portal.models import AccessRole, AuditEntry, User
from services.models import Agreement
from tests.factories import (
    AgreementFactory,
    BillFactory,
    CommunityFactory,
    FacilityFactory,
    MeterFactory,
    MonthCloseFactory,
    ProviderFactory,
    ReadingFactory,
    RebateTermFactory,
    RevenueFactory,
    TariffFactory,
    UserFactory,
    post,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return CommunityFactory()


@pytest.fixture
def there():
    return CommunityFactory()


@pytest.fixture
def clerk(client, here):
    user = staff(Role.CLERK, here)
    client.force_login(user)
    return user


def changelist(model: str) -> str:
    return reverse(f"admin:{model}_changelist")


LISTS = {
    "facilities_facility": FacilityFactory,
    "services_agreement": lambda community: AgreementFactory(facility__community=community),
    "billing_meter": lambda community: MeterFactory(facility__community=community),
    "billing_reading": lambda community: ReadingFactory(meter__facility__community=community),
    "billing_utilitybill": lambda community: BillFactory(facility__community=community),
    "billing_revenue": lambda community: RevenueFactory(agreement__facility__community=community),
    "billing_rebateterm": lambda community: RebateTermFactory(agreement__facility__community=community),
    "billing_monthclose": lambda community: MonthCloseFactory(community=community),
}


def make(model: str, community):
    factory = LISTS[model]
    return factory(community=community) if factory is FacilityFactory else factory(community)


@pytest.mark.parametrize("model", LISTS)
def test_a_list_has_the_rows_and_the_count_of_ones_own_regions_only(client, clerk, here, there, model):
    own, foreign = make(model, here), make(model, there)

    found = client.get(changelist(model)).context["cl"]

    assert list(found.queryset) == [own]
    assert found.result_count == 1
    assert foreign.pk not in [row.pk for row in found.result_list]


@pytest.mark.parametrize("model", LISTS)
def test_a_row_elsewhere_does_not_exist(client, clerk, there, model):
    foreign = make(model, there)

    for page in ("change", "delete", "history"):
        assert client.get(reverse(f"admin:{model}_{page}", args=[foreign.pk])).status_code in (403, 404)
    assert client.get(reverse(f"admin:{model}_change", args=[foreign.pk])).status_code == 404
    assert client.post(reverse(f"admin:{model}_change", args=[foreign.pk]), {}).status_code in (403, 404)


def test_search_finds_nothing_of_another_community(client, clerk, there):
    foreign = FacilityFactory(community=there, name="别处的食堂")

    page = client.get(changelist("facilities_facility"), {"q": foreign.name})

    assert page.context["cl"].result_count == 0


def test_autocomplete_offers_nothing_of_another_community(client, clerk, here, there):
    own, foreign = FacilityFactory(community=here), FacilityFactory(community=there)
    asked = {"app_label": "billing", "model_name": "meter", "field_name": "facility", "term": ""}

    found = client.get(reverse("admin:autocomplete"), asked).json()["results"]

    assert [int(one["id"]) for one in found] == [own.pk]
    assert foreign.pk != own.pk


def test_a_facility_elsewhere_is_refused_as_a_choice(client, clerk, there):
    foreign = FacilityFactory(community=there)
    form = {
        "ref": "M-1",
        "facility": foreign.pk,
        "utility": "water",
        "role": "submeter",
        "multiplier": "1",
        "digits": "6",
    }

    page = client.post(reverse("admin:billing_meter_add"), form)

    assert page.status_code == 200
    assert "facility" in page.context["adminform"].form.errors


def test_an_accountant_here_who_inspects_there_uses_one_role_at_a_time(client, here, there):
    user = UserFactory(roles=[(Role.ACCOUNTANT, here), (Role.INSPECTOR, there)])
    client.force_login(user)
    own, foreign = BillFactory(facility__community=here), BillFactory(facility__community=there)

    assert list(client.get(changelist("billing_utilitybill")).context["cl"].queryset) == [own]
    assert client.get(reverse("admin:billing_utilitybill_change", args=[own.pk])).context[
        "has_change_permission"
    ]
    address = reverse("admin:billing_utilitybill_change", args=[foreign.pk])
    assert client.get(address).status_code == 404
    client.post(reverse("role"), {"role": Role.INSPECTOR})
    assert not client.get(address).context["has_change_permission"]
    assert client.post(address, {}).status_code == 403


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.OFFICIAL, Role.APPROVER])
def test_who_only_looks_gets_no_form(client, here, role):
    client.force_login(staff(role, here))
    bill = BillFactory(facility__community=here)

    assert client.get(reverse("admin:billing_utilitybill_change", args=[bill.pk])).status_code == 200
    assert client.get(reverse("admin:billing_utilitybill_add")).status_code == 403
    assert (
        client.post(reverse("admin:billing_utilitybill_delete", args=[bill.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert UtilityBill.objects.filter(pk=bill.pk).exists()


def test_the_community_of_an_agreement_is_that_of_its_facility(client, clerk, here):
    agreement = AgreementFactory(facility__community=here)
    form = {
        "ref": "A-new",
        "provider": agreement.provider_id,
        "facility": agreement.facility_id,
        "space": "二楼",
        "area_m2": "30",
        "starts_on": "2026-01-01",
    }

    page = client.post(reverse("admin:services_agreement_add"), form)

    assert page.status_code == 302
    assert Agreement.objects.get(ref="A-new").community == here
    assert AuditEntry.objects.filter(action="agreement.added", region_id=here.pk).exists()


def test_two_agreements_of_one_space_are_refused_in_words(client, clerk, here):
    first = AgreementFactory(facility__community=here, space="一楼", starts_on="2026-01-01")
    form = {
        "ref": "A-second",
        "provider": first.provider_id,
        "facility": first.facility_id,
        "space": "一楼",
        "starts_on": "2026-03-01",
    }

    page = client.post(reverse("admin:services_agreement_add"), form)

    assert page.status_code == 200
    assert "同一空间在这段时间已有另一份协议" in page.content.decode()


def test_a_posted_bill_and_its_readings_stay(client, here):
    client.force_login(staff(Role.ACCOUNTANT, here))
    bill = BillFactory(facility__community=here)
    reading = ReadingFactory(meter__facility=bill.facility, read_on="2026-09-30")
    later = ReadingFactory(meter=reading.meter, read_on="2026-10-31")
    close = post(MonthCloseFactory(community=here, month="2026-09"))
    UtilityBill.objects.filter(pk=bill.pk).update(close=close)

    page = client.get(reverse("admin:billing_utilitybill_change", args=[bill.pk]))
    assert not page.context["has_change_permission"]
    assert "冲回" in page.content.decode()
    assert client.post(reverse("admin:billing_utilitybill_change", args=[bill.pk]), {}).status_code == 403
    assert (
        client.post(reverse("admin:billing_utilitybill_delete", args=[bill.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert client.post(reverse("admin:billing_reading_change", args=[reading.pk]), {}).status_code == 403
    assert client.get(reverse("admin:billing_reading_change", args=[later.pk])).context[
        "has_change_permission"
    ]


def test_what_has_history_is_not_deleted_and_the_page_says_why(client, clerk, here):
    agreement = AgreementFactory(facility__community=here)
    RevenueFactory(agreement=agreement)

    page = client.post(reverse("admin:services_agreement_delete", args=[agreement.pk]), {"post": "yes"})

    assert page.status_code == 200
    assert page.context["protected"]
    assert Agreement.objects.filter(pk=agreement.pk).exists()


@pytest.mark.parametrize(
    "model",
    ["billing_share", "billing_entry", "billing_account", "billing_communitymonth", "portal_auditentry"],
)
def test_the_books_and_the_record_are_read_only_even_for_the_superuser(client, model):
    client.force_login(UserFactory(superuser=True))

    assert client.get(changelist(model)).status_code == 200
    assert client.get(reverse(f"admin:{model}_add")).status_code == 403


def test_nobody_deletes_in_bulk(client, here):
    client.force_login(UserFactory(superuser=True))
    reading = ReadingFactory(meter__facility__community=here)

    client.post(
        changelist("billing_reading"),
        {"action": "delete_selected", "_selected_action": [reading.pk], "post": "yes"},
    )

    assert Reading.objects.filter(pk=reading.pk).exists()


def test_the_price_of_the_city_is_seen_in_its_communities_and_changed_by_none_of_them(client, clerk):
    tariff = TariffFactory()

    page = client.get(reverse("admin:billing_tariff_change", args=[tariff.pk]))

    assert page.status_code == 200
    assert not page.context["has_change_permission"]


def test_a_region_admin_gives_roles_in_their_regions_only(client, here, there):
    client.force_login(staff(Role.REGION_ADMIN, here))
    form = {
        "username": "new-clerk",
        "display_name": "新经办",
        "usable_password": "true",
        "password1": "a-long-enough-word",
        "password2": "a-long-enough-word",
        "access_roles-TOTAL_FORMS": "1",
        "access_roles-INITIAL_FORMS": "0",
        "access_roles-MIN_NUM_FORMS": "1",
        "access_roles-MAX_NUM_FORMS": "1000",
        "access_roles-0-role": Role.CLERK.value,
        "access_roles-0-region": there.pk,
    }

    refused = client.post(reverse("admin:portal_user_add"), form)
    taken = client.post(reverse("admin:portal_user_add"), form | {"access_roles-0-region": here.pk})

    assert refused.status_code == 200
    assert taken.status_code == 302
    user = User.objects.get(username="new-clerk")
    assert user.is_staff
    assert list(AccessRole.objects.filter(user=user).values_list("region_id", flat=True)) == [here.pk]


def test_a_region_admin_does_not_change_people_who_also_work_elsewhere_nor_superusers(client, here, there):
    client.force_login(staff(Role.REGION_ADMIN, here))
    both = UserFactory(roles=[(Role.CLERK, here), (Role.CLERK, there)])
    root = UserFactory(superuser=True)

    assert client.post(reverse("admin:portal_user_change", args=[both.pk]), {}).status_code == 403
    assert client.get(reverse("admin:auth_user_password_change", args=[both.pk])).status_code == 403
    assert client.get(reverse("admin:portal_user_change", args=[root.pk])).status_code == 404
    assert client.get(reverse("admin:auth_user_password_change", args=[root.pk])).status_code == 404


def test_a_region_admin_neither_enters_a_residents_account_nor_guesses_addresses(client, here):
    client.force_login(staff(Role.REGION_ADMIN, here))
    resident = UserFactory(roles=[(Role.RESIDENT, here)])

    password = client.get(reverse("admin:auth_user_password_change", args=[resident.pk]))
    guess = client.get(changelist("portal_user"), {"email__startswith": "a"})
    offered = client.get(changelist("portal_user"), {"access_roles__role__exact": "resident"})

    assert (password.status_code, guess.status_code, offered.status_code) == (403, 400, 200)


def test_a_region_admin_enters_no_account_of_a_providers_member(client, here):
    client.force_login(staff(Role.REGION_ADMIN, here))
    member = UserFactory(roles=[(Role.CLERK, here)], provider=ProviderFactory())

    answer = client.get(reverse("admin:auth_user_password_change", args=[member.pk]))

    assert answer.status_code == 403


def test_a_clerk_sees_neither_people_nor_the_record(client, clerk):
    assert client.get(changelist("portal_user")).status_code == 403
    assert client.get(changelist("portal_auditentry")).status_code == 403


@pytest.mark.parametrize("model", LISTS)
def test_a_list_costs_the_same_for_1_and_30_rows(client, clerk, here, model, django_assert_max_num_queries):
    for _number in range(30):
        community = CommunityFactory() if model == "billing_monthclose" else here
        if community is not here:
            AccessRole.objects.create(user=clerk, role=Role.CLERK, region=community.region)
        make(model, community)

    with django_assert_max_num_queries(9):
        page = client.get(changelist(model))

    assert page.status_code == 200
    assert page.context["cl"].result_count == 30
    assert MonthClose.objects.count() in (0, 30)


def test_a_meter_hangs_in_the_facility_of_its_agreement(client, clerk, here):
    facility = FacilityFactory(community=here)
    agreement = AgreementFactory(facility__community=here)
    form = {"ref": "M-9", "facility": facility.pk, "utility": "water", "role": "submeter", "multiplier": "1"}

    page = client.post(reverse("admin:billing_meter_add"), form | {"digits": "6", "agreement": agreement.pk})

    assert "agreement" in page.context["adminform"].form.errors


def test_a_bill_is_taken_back_at_its_own_facility(client, clerk, here):
    bill, elsewhere = BillFactory(facility__community=here), FacilityFactory(community=here)
    form = {"ref": "B-back", "utility": bill.utility, "corrects": bill.pk}

    refused = client.post(reverse("admin:billing_utilitybill_add"), form | {"facility": elsewhere.pk})
    taken = client.post(reverse("admin:billing_utilitybill_add"), form | {"facility": bill.facility_id})

    assert "corrects" in refused.context["adminform"].form.errors
    assert taken.status_code == 302


def test_an_opening_balance_comes_before_the_first_posted_month(client, here):
    client.force_login(staff(Role.ACCOUNTANT, here))
    form = {"community": here.pk, "fund": "grant", "amount": "100"}
    add = reverse("admin:billing_openingbalance_add")

    assert client.post(add, form).status_code == 302
    assert client.post(add, form).status_code == 200  # the fund has one already
    post(MonthCloseFactory(community=here))
    assert client.post(add, form | {"fund": "welfare"}).status_code == 200
    assert OpeningBalance.objects.get().community == here
