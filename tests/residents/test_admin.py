import pytest
from django.db import connection
from django.db.utils import DatabaseError
from django.urls import reverse

from portal.access import Role
from residents.models import Channel, Consent, Need, NeedState, PersonalView, Purpose, Resident
from tests.factories import (
    CommunityFactory,
    HouseholdFactory,
    NeedFactory,
    PersonalViewFactory,
    ResidentFactory,
    staff,
)
from tests.factories.residents import PHONE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return CommunityFactory()


@pytest.fixture
def clerk(client, community):
    user = staff(Role.CLERK, community)
    client.force_login(user)
    return user


def page(client, name, *args):
    return client.get(reverse(f"admin:residents_{name}", args=args)).content.decode()


def test_number_is_masked_in_the_list_and_on_the_page_of_a_resident(client, clerk, community):
    resident = ResidentFactory(community=community, number=PHONE)

    texts = [page(client, "resident_changelist"), page(client, "resident_change", resident.pk)]

    assert all("138****0000" in text for text in texts)
    assert not any(PHONE in text for text in texts)
    assert not PersonalView.objects.exists()


def test_number_is_shown_for_a_reason_that_is_written_down(client, clerk, community):
    resident = ResidentFactory(community=community, number=PHONE)
    address = reverse("admin:residents_resident_open", args=[resident.pk])

    before = client.get(address).content.decode()
    refused = client.post(address, {"reason": "curious"})
    opened = client.post(address, {"reason": "booking"}).content.decode()

    view = PersonalView.objects.get()
    assert (PHONE in before, refused.status_code, PHONE in opened) == (False, 422, True)
    assert '<option value="" selected>请选择' in before
    assert (view.by, view.resident, view.reason) == (clerk, resident, "booking")


def test_view_log_cannot_be_changed(client):
    view = PersonalViewFactory()

    with pytest.raises(DatabaseError, match="append|Cannot update"):
        view.delete()
    assert connection.in_atomic_block


def test_view_log_is_for_those_who_watch_over_the_region(client, community):
    view = PersonalViewFactory(resident__community=community)
    elsewhere = PersonalViewFactory()

    seen = PersonalView.objects.visible_to(staff(Role.APPROVER, community))

    assert list(seen) == [view]
    assert not PersonalView.objects.visible_to(staff(Role.CLERK, community)).exists()
    assert elsewhere.pk


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.INSPECTOR, Role.OFFICIAL])
def test_roles_that_need_no_persons_see_none(client, community, role):
    ResidentFactory(community=community)
    client.force_login(staff(role, community))

    assert client.get(reverse("admin:residents_resident_changelist")).status_code == 403


def test_approver_sees_residents_and_opens_no_number(client, community):
    resident = ResidentFactory(community=community, number=PHONE)
    client.force_login(staff(Role.APPROVER, community))

    assert resident.called in page(client, "resident_changelist")
    address = reverse("admin:residents_resident_open", args=[resident.pk])
    assert client.post(address, {"reason": "booking"}).status_code == 403


def test_residents_of_elsewhere_are_in_no_list_and_behind_no_address(client, clerk):
    foreign = ResidentFactory(number=PHONE)

    assert foreign.called not in page(client, "resident_changelist")
    for name in ("change", "open", "history"):
        address = reverse(f"admin:residents_resident_{name}", args=[foreign.pk])
        assert client.get(address).status_code == 404
    answer = client.post(reverse("admin:residents_resident_find"), {"phone": PHONE})
    assert foreign.called not in answer.content.decode()


def test_clerk_finds_a_resident_by_the_full_number(client, clerk, community):
    resident = ResidentFactory(community=community, number=PHONE)

    answer = client.post(reverse("admin:residents_resident_find"), {"phone": f"+86 {PHONE}"})

    assert resident.called in answer.content.decode()


def inlines():
    return {f"{one}-{key}": 0 for one in ("consents", "acts_for") for key in ("TOTAL_FORMS", "INITIAL_FORMS")}


def given(community, **more):
    return {"community": community.pk, "called": "示例阿姨", "number": PHONE, **inlines(), **more}


def test_clerk_registers_somebody_who_signed_at_the_counter(client, clerk, community):
    address = reverse("admin:residents_resident_add")

    unsigned = client.post(address, given(community))
    client.post(address, given(community, agrees="on"))

    resident = Resident.objects.get()
    channels = set(Consent.objects.filter(resident=resident).values_list("purpose", "channel"))
    assert unsigned.status_code == 200
    assert channels == {(Purpose.SERVICE, Channel.COUNTER), (Purpose.PHONE, Channel.COUNTER)}
    assert resident.masked_phone == "138****0000"


def test_household_of_another_community_is_not_taken(client, clerk, community):
    household = HouseholdFactory()

    client.post(
        reverse("admin:residents_resident_add"), given(community, agrees="on", household=household.pk)
    )

    assert not Resident.objects.exists()


def test_confirmed_resident_speaks_as_one_of_the_community(client, clerk, community):
    resident = ResidentFactory(community=community)
    chosen = {"action": "confirm_here", "_selected_action": [resident.pk]}

    client.post(reverse("admin:residents_resident_changelist"), chosen)

    resident.refresh_from_db()
    assert resident.confirmed_at
    assert resident.account.holds(community.pk, Role.RESIDENT)


def test_clerk_who_lives_here_does_not_confirm_themselves_and_is_not_told_so(client, clerk, community):
    own = ResidentFactory(community=community, account=clerk)
    chosen = {"action": "confirm_here", "_selected_action": [own.pk]}

    text = client.post(reverse("admin:residents_resident_changelist"), chosen, follow=True).content.decode()

    own.refresh_from_db()
    assert own.confirmed_at is None
    assert "不能确认自己" in text
    assert "已办理" not in text


def test_resident_is_forgotten_at_the_counter_only_after_the_tick(client, clerk, community):
    resident = ResidentFactory(community=community)
    address = reverse("admin:residents_resident_open", args=[resident.pk])

    client.post(address, {"do": "erase"})
    resident.refresh_from_db()
    kept = resident.called
    client.post(address, {"do": "erase", "sure": "1"})

    resident.refresh_from_db()
    assert (bool(kept), resident.called) == (True, "")


def test_need_is_answered_and_its_resident_reads_it(client, clerk, community):
    need = NeedFactory(resident__community=community)
    address = reverse("admin:residents_need_change", args=[need.pk])

    client.post(address, {"reply": "下月开示例班"})
    client.force_login(need.resident.account)

    need.refresh_from_db()
    assert (need.state, need.answered_by) == (NeedState.ANSWERED, clerk)
    assert "下月开示例班" in client.get(reverse("needs")).content.decode()


def test_need_said_at_the_counter_names_nobody(client, clerk, community):
    address = reverse("admin:residents_need_add")

    client.post(address, {"community": community.pk, "text": "电话13800000000"})
    client.post(address, {"community": community.pk, "text": "想要示例书架"})

    need = Need.objects.get()
    assert (need.text, need.resident, need.entered_by) == ("想要示例书架", None, clerk)


@pytest.mark.parametrize(
    "path", ["need/?resident=%d", "need/?resident__id__exact=%d", "need/?resident_id=%d"]
)
def test_who_said_a_need_cannot_be_asked_of_the_list(client, clerk, community, path):
    need = NeedFactory(resident__community=community)

    answer = client.get("/admin/residents/" + path % need.resident_id)

    assert answer.status_code == 400


def test_need_does_not_lead_to_its_resident_in_the_list(client, clerk, community):
    need = NeedFactory(resident__community=community)

    assert client.get(f"/admin/residents/resident/?needs={need.pk}").status_code == 400


def test_needs_are_taken_up_and_closed_from_the_list(client, clerk, community):
    need, foreign = NeedFactory(resident__community=community), NeedFactory()

    for action in ("take_up", "close"):
        chosen = {"action": action, "_selected_action": [need.pk, foreign.pk]}
        client.post(reverse("admin:residents_need_changelist"), chosen)

    need.refresh_from_db()
    foreign.refresh_from_db()
    assert (need.state, foreign.state) == (NeedState.CLOSED, NeedState.WAITING)


@pytest.mark.parametrize(
    ("factory", "name"),
    [(ResidentFactory, "resident"), (HouseholdFactory, "household"), (NeedFactory, "need")],
)
def test_lists_cost_few_queries_with_30_rows(
    client, clerk, community, django_assert_max_num_queries, factory, name
):
    where = {"resident__community": community} if name == "need" else {"community": community}
    factory.create_batch(30, **where)

    with django_assert_max_num_queries(15):
        client.get(reverse(f"admin:residents_{name}_changelist"))


def test_page_of_a_view_is_told_in_words(client, community):
    PersonalViewFactory(resident__community=community, page="admin:residents_resident_open")
    client.force_login(staff(Role.APPROVER, community))

    shown = client.get(reverse("admin:residents_personalview_changelist")).content.decode()

    assert "工作台 · 居民 · 打开完整号码" in shown
    assert "residents_resident_open" not in shown
