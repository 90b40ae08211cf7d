"""A site moves only as the table allows, and every step of the talks stays written down."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from facilities import sites
from facilities.models import SiteNote, SiteState
from facilities.models.sites import SITE_MOVES
from portal.access import Role
from tests.factories import CommunityFactory, SiteFactory, UserFactory, staff

pytestmark = pytest.mark.django_db
MOVES = [(before, after) for before in SiteState for after in SiteState if before != after]


@pytest.mark.parametrize(("before", "after"), MOVES)
def test_only_the_moves_of_the_table_are_made(before, after):
    site = SiteFactory(state=before, acquisition="lease")

    if after in SITE_MOVES[before]:
        sites.move(site, after, by=UserFactory())
    else:
        with pytest.raises(sites.SiteRefused, match="只能转为"):
            sites.move(site, after, by=UserFactory())

    site.refresh_from_db()
    assert site.state == (after if after in SITE_MOVES[before] else before)


def test_nothing_is_reserved_without_knowing_how_it_is_acquired():
    site = SiteFactory(state="negotiating")

    with pytest.raises(sites.SiteRefused, match="取得方式"):
        sites.move(site, "reserved", by=UserFactory())


def test_the_talks_are_kept_in_order_and_never_changed():
    site, clerk = SiteFactory(), UserFactory()
    sites.note(site, "开始接洽", by=clerk, state="negotiating")
    sites.note(site, "租金还没有谈拢", by=clerk)

    notes = site.notes.values_list("text", "from_state", "to_state", "by")
    assert list(notes) == [
        ("开始接洽", "idle", "negotiating", clerk.pk),
        ("租金还没有谈拢", "negotiating", "negotiating", clerk.pk),
    ]
    for change in (SiteNote.objects.all().delete, lambda: SiteNote.objects.update(text="改")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_note_says_something():
    with pytest.raises(sites.SiteRefused, match="谈了什么"):
        sites.note(SiteFactory(), "  ", by=UserFactory())


def test_a_clerk_writes_a_note_on_the_page_and_the_site_moves(client):
    site = SiteFactory()
    client.force_login(staff(Role.CLERK, site.community))
    form = {"name": site.name, "owner": site.owner, "title": site.title, "area_m2": "120"}
    form |= {"notes-TOTAL_FORMS": "1", "notes-INITIAL_FORMS": "0"}
    form |= {"notes-0-text": "业主愿意谈", "notes-0-to_state": "negotiating"}
    form |= {"photos-TOTAL_FORMS": "0", "photos-INITIAL_FORMS": "0"}

    answer = client.post(reverse("admin:facilities_site_change", args=[site.pk]), form)

    site.refresh_from_db()
    assert answer.status_code == 302
    assert (site.state, site.notes.get().text) == ("negotiating", "业主愿意谈")


def site_form(site, *notes, **changed):
    form = {"name": site.name, "owner": site.owner, "title": site.title, "area_m2": "120"}
    form |= {"notes-TOTAL_FORMS": str(len(notes)), "notes-INITIAL_FORMS": "0"}
    for number, (text, state) in enumerate(notes):
        form |= {f"notes-{number}-text": text, f"notes-{number}-to_state": state}
    return form | {"photos-TOTAL_FORMS": "0", "photos-INITIAL_FORMS": "0"} | changed


def test_a_move_the_table_does_not_know_is_said_beside_it_and_nothing_typed_is_lost(client):
    site = SiteFactory()
    client.force_login(staff(Role.CLERK, site.community))
    form = site_form(site, ("业主愿意谈", "negotiating"), ("谈妥了", "reserved"), address="长乐中路 8 号")

    answer = client.post(reverse("admin:facilities_site_change", args=[site.pk]), form)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "还没有填取得方式" in page
    assert "长乐中路 8 号" in page
    assert not site.notes.exists()


def test_several_steps_of_the_talks_are_written_at_once(client):
    site = SiteFactory()
    client.force_login(staff(Role.CLERK, site.community))
    steps = [("业主愿意谈", "negotiating"), ("租金谈妥", ""), ("签了意向", "reserved")]

    client.post(
        reverse("admin:facilities_site_change", args=[site.pk]),
        site_form(site, *steps, acquisition="lease"),
    )

    site.refresh_from_db()
    assert (site.state, site.notes.count()) == ("reserved", 3)


def test_the_page_of_a_new_site_has_the_clerks_community_and_no_inner_words(client):
    site = SiteFactory()
    client.force_login(staff(Role.CLERK, site.community))

    new = client.get(reverse("admin:facilities_site_add"))
    refused = client.post(reverse("admin:facilities_site_add"), site_form(site) | {"community": ""})

    assert f'value="{site.community_id}" selected' in new.content.decode()
    assert "DatabaseDefault" not in new.content.decode()
    assert "null" not in "".join(refused.context["adminform"].form.errors["community"])


def test_an_action_tells_which_sites_it_did_not_move(client):
    community = CommunityFactory()
    good, bad = (
        SiteFactory(community=community),
        SiteFactory(community=community, state="reserved", acquisition="lease"),
    )
    elsewhere = SiteFactory()
    client.force_login(staff(Role.CLERK, community))
    asked = {"action": "to_negotiating", "_selected_action": [good.pk, bad.pk, elsewhere.pk]}

    page = client.post(reverse("admin:facilities_site_changelist"), asked, follow=True)

    states = [type(site).objects.get(pk=site.pk).state for site in (good, bad, elsewhere)]
    assert states == ["negotiating", "negotiating", "idle"]
    assert "2 处场地已转为" in page.content.decode()


def test_a_list_of_thirty_sites_costs_few_queries(client, django_assert_max_num_queries):
    community = CommunityFactory()
    SiteFactory.create_batch(30, community=community)
    client.force_login(staff(Role.CLERK, community))

    with django_assert_max_num_queries(15):
        client.get(reverse("admin:facilities_site_changelist"))
