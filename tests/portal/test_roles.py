"""One role is in use at a time: what it shows, what it may, and how it is switched."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.access import Role
from tests.factories import (
    AccessRoleFactory,
    CommunityFactory,
    MessageFactory,
    MonthCloseFactory,
    ProviderFactory,
    RegionFactory,
    SpaceFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return CommunityFactory(publishes=True)


@pytest.fixture
def both(here):
    """A clerk and an approver of the same community in one person."""
    return UserFactory(roles=[(Role.CLERK, here), (Role.APPROVER, here)])


def switch(client, role):
    return client.post(reverse("role"), {"role": role})


def test_rights_follow_the_role_in_use_alone(both, here):
    both.use_role(Role.CLERK)

    assert both.holds(here.code, Role.CLERK)
    assert not both.holds(here.code, Role.APPROVER)
    assert not both.has_role(Role.APPROVER)


def test_role_in_use_reaches_every_region_where_it_is_held(both, here):
    there = CommunityFactory()
    AccessRoleFactory(user=both, role=Role.CLERK, region=there.region)

    both.use_role(Role.CLERK)

    assert both.holds(here.code, Role.CLERK)
    assert both.holds(there.code, Role.CLERK)


def test_rows_of_another_role_are_not_visible():
    clerk_here, approver_there = CommunityFactory(), CommunityFactory()
    user = UserFactory(roles=[(Role.CLERK, clerk_here), (Role.APPROVER, approver_there)])
    user.use_role(Role.CLERK)

    assert list(type(clerk_here).objects.visible_to(user)) == [clerk_here]


def test_first_sign_in_begins_with_the_most_senior_role(client, both):
    client.force_login(both)

    shown = client.get(reverse("rooms")).content.decode()

    assert "街道审批</summary>" in shown.replace("\n", "") or "街道审批<svg" in shown


def test_next_sign_in_begins_with_the_role_used_last(client, both):
    client.force_login(both)
    switch(client, Role.CLERK)
    client.logout()
    client.force_login(both)

    both.refresh_from_db()

    assert client.get(reverse("rooms")).wsgi_request.user.role_in_use == Role.CLERK


def test_switch_leads_to_the_work_of_the_role(client, both):
    client.force_login(both)

    answer = switch(client, Role.CLERK)

    assert answer.url == reverse("admin:index")
    assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize("role", [Role.REGION_ADMIN, "", "root"])
def test_role_not_held_cannot_be_used(client, both, role):
    client.force_login(both)

    answer = client.post(reverse("role"), {"role": role}, follow=True)

    assert "这个角色现在不归您用" in answer.content.decode()
    assert answer.wsgi_request.user.role_in_use == Role.APPROVER


def test_role_that_ended_yesterday_is_used_no_longer(client, both):
    client.force_login(both)
    switch(client, Role.CLERK)
    both.access_roles.filter(role=Role.CLERK).update(ends_on=timezone.localdate() - dt.timedelta(days=1))

    assert client.get(reverse("rooms")).wsgi_request.user.role_in_use == Role.APPROVER


def test_get_does_not_switch(client, both):
    client.force_login(both)

    assert client.get(reverse("role"), {"role": Role.CLERK}).status_code == 405


def test_one_role_is_plain_words_without_a_switch(client):
    client.force_login(staff(Role.CLERK))

    shown = client.get(reverse("admin:index")).content.decode()

    assert "社区经办" in shown
    assert reverse("role") not in shown


def test_every_page_of_the_workbench_offers_the_switch(client, both):
    client.force_login(both)

    for name in ("admin:index", "admin:facilities_space_changelist", "admin:books"):
        shown = client.get(reverse(name)).content.decode()
        assert "社区经办" in shown, name
        assert f'action="{reverse("role")}"' in shown, name


def test_workbench_is_closed_while_a_resident_role_is_in_use(client, here):
    user = UserFactory(roles=[(Role.CLERK, here), (Role.RESIDENT, here)])
    client.force_login(user)
    switch(client, Role.RESIDENT)

    answer = client.get(reverse("admin:index"), follow=True)

    assert answer.status_code == 403


def test_form_of_a_stale_page_is_refused_after_a_switch(client, both, here):
    """Begun as approver in one tab, sent after switching to clerk in another."""
    close = MonthCloseFactory(community=here, month="2026-10", notice=True)
    client.force_login(both)
    switch(client, Role.CLERK)

    answer = client.post(reverse("admin:books_step", args=[here.code, close.month]), {"step": "confirm"})

    assert answer.status_code == 403


def test_api_of_the_same_session_follows_the_role_in_use(client, here):
    there = CommunityFactory()
    user = UserFactory(roles=[(Role.CLERK, here), (Role.APPROVER, there)])
    client.force_login(user)
    switch(client, Role.CLERK)

    codes = [row["code"] for row in client.get(reverse("api:community-list")).json()["results"]]

    assert codes == [here.code]


def test_memberships_of_providers_go_on_in_any_role(client, here):
    provider = ProviderFactory()
    user = UserFactory(roles=[(Role.CLERK, here)], provider=provider)
    client.force_login(user)

    assert client.get(reverse("desk:home")).status_code == 200


def test_superuser_needs_no_role(client, here):
    admin = UserFactory(superuser=True)
    client.force_login(admin)

    assert client.get(reverse("admin:index")).status_code == 200
    assert admin.holds(here.code, Role.APPROVER)


@pytest.fixture
def official():
    """Somebody of the district, with a room of a community of it that everybody may book."""
    return staff(Role.OFFICIAL, RegionFactory(code="610102000000"))


@pytest.fixture
def open_room():
    return SpaceFactory(facility__community=CommunityFactory(code="610102002006"))


@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.INSPECTOR])
def test_role_that_only_reads_is_told_how_to_book(client, open_room, role):
    client.force_login(staff(role, RegionFactory(code="610102000000")))

    answer = client.post(reverse("room", args=[open_room.pk]), {})

    assert answer.status_code == 403
    assert "请先换成“本人”" in answer.content.decode()


def test_role_that_only_reads_is_offered_no_form_where_others_book(client, official, open_room):
    client.force_login(official)

    shown = client.get(reverse("room", args=[open_room.pk])).content.decode()

    assert 'method="post" action="/rooms/' not in shown
    assert "换成“本人”" in shown


def test_api_takes_no_booking_from_a_role_that_only_reads(client, official, open_room):
    client.force_login(official)

    answer = client.post(reverse("api:booking-list"), {"space": open_room.pk}, "application/json")

    assert answer.status_code == 403
    assert answer.json()["reason"] == "only_reads"


def test_official_goes_on_as_a_person_where_the_form_was(client, official, open_room):
    client.force_login(official)
    here = reverse("room", args=[open_room.pk])

    answer = client.post(reverse("role"), {"role": "self", "next": here}, follow=True)

    assert answer.redirect_chain == [(here, 302)]
    assert answer.wsgi_request.user.role_in_use == ""
    assert client.post(here, {}).status_code == 422
    assert client.get(reverse("admin:index")).status_code == 302


def test_official_who_is_a_resident_changes_to_that_role(client, open_room):
    user = staff(Role.OFFICIAL, RegionFactory(code="610102000000"))
    AccessRoleFactory(user=user, role=Role.RESIDENT, region=open_room.community.region)
    client.force_login(user)

    shown = client.post(reverse("room", args=[open_room.pk]), {}).content.decode()

    assert "请先换成“居民”" in shown
    assert (
        "这个角色现在不归您用" in client.post(reverse("role"), {"role": "self"}, follow=True).content.decode()
    )


def test_next_sign_in_of_who_acted_as_a_person_begins_in_the_role(client, official):
    client.force_login(official)
    switch(client, "self")
    client.logout()
    client.force_login(official)

    assert client.get(reverse("rooms")).wsgi_request.user.role_in_use == Role.OFFICIAL


def test_clerk_is_not_offered_to_act_in_no_role(client, here):
    client.force_login(staff(Role.CLERK, here))

    assert (
        "这个角色现在不归您用" in client.post(reverse("role"), {"role": "self"}, follow=True).content.decode()
    )


def test_role_switch_leads_nowhere_else(client, both):
    client.force_login(both)

    answer = client.post(reverse("role"), {"role": Role.CLERK, "next": "https://elsewhere.example/"})

    assert answer.url == reverse("admin:index")


def test_own_account_stays_open_in_a_role_that_only_reads(client, official):
    client.force_login(official)
    told = MessageFactory(to=official, url="/")

    client.post(reverse("inbox_read"))
    client.post(reverse("preferences"), {"theme": "dark", "next": "/"})

    told.refresh_from_db()
    assert told.read_at
    assert client.cookies["theme"].value == "dark"
