"""A list is narrowed by what it offers and by the row its rows belong to; nothing can be guessed letter by letter."""

import pytest
from django.contrib import admin
from django.db import models
from django.test import RequestFactory
from django.urls import reverse

from portal.access import Role
from portal.admin_base import PEOPLE, ScopedAdmin
from tests.access_world import OWN
from tests.factories import BookingFactory, CommunityFactory, FacilityFactory, UserFactory, staff
from tests.portal.test_sweep import fill

GUESSES = ("startswith", "contains", "icontains", "iexact", "regex", "endswith", "in", "range")
LISTS = {one.opts.label_lower: one for one in admin.site._registry.values() if isinstance(one, ScopedAdmin)}


def allowed(model_admin, lookup):
    request = RequestFactory().get("/")
    return model_admin.lookup_allowed(lookup, "1", request)


def declared(model_admin):
    """The names by which the filters of a list ask."""
    return {model_admin.date_hierarchy} | {
        one.parameter_name if isinstance(one, type) else one[0] if isinstance(one, tuple) else one
        for one in model_admin.list_filter
    }


def paths(model):
    """Every column of a table, and every column one step away."""
    for field in model._meta.get_fields():
        yield field.name
        if field.related_model not in (None, model) and isinstance(field.related_model, type):
            for further in field.related_model._meta.get_fields():
                yield f"{field.name}__{further.name}"


def test_every_list_of_the_staffs_admin_is_tried():
    assert len(LISTS) > 45


@pytest.mark.parametrize("label", LISTS)
def test_nothing_is_guessed_from_the_beginning_or_a_part_of_it(label):
    model_admin = LISTS[label]

    asked = [f"{path}__{guess}" for path in paths(model_admin.model) for guess in GUESSES]

    assert [lookup for lookup in asked if allowed(model_admin, lookup)] == []


@pytest.mark.parametrize("label", LISTS)
def test_only_declared_columns_and_exact_foreign_keys_narrow_a_list(label):
    model_admin = LISTS[label]
    keys = {
        field.name
        for field in model_admin.opts.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model._meta.label not in PEOPLE
    }
    ways = keys | {
        f"{key}__{field.target_field.name}"
        for field in model_admin.opts.concrete_fields
        for key in [field.name]
        if key in keys
    }

    found = {path for path in paths(model_admin.model) if allowed(model_admin, path)}

    assert found <= ways | declared(model_admin)
    assert keys <= found


@pytest.mark.django_db
@pytest.mark.parametrize("label", LISTS)
def test_every_choice_that_a_filter_offers_opens(client, label):
    fill(OWN)
    client.force_login(UserFactory(superuser=True))
    address = reverse(f"admin:{label.replace('.', '_')}_changelist")
    page = client.get(address)

    offered = [
        choice["query_string"]
        for spec in page.context["cl"].filter_specs
        for choice in spec.choices(page.context["cl"])
        if choice.get("query_string")
    ]

    assert [one for one in offered if client.get(address + one).status_code != 200] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "lookup", ["purpose__startswith", "booked_for__startswith", "booked_for", "booked_by"]
)
def test_what_a_booking_is_for_and_whose_it_is_cannot_be_asked(client, lookup):
    booking = BookingFactory(purpose="秘密", booked_for="居民甲")
    client.force_login(staff(Role.OFFICIAL, booking.community))

    answer = client.get(reverse("admin:facilities_booking_changelist"), {lookup: "秘"})

    assert answer.status_code == 400


@pytest.mark.django_db
def test_days_of_a_list_and_a_room_are_asked_for_as_before(client):
    booking = BookingFactory()
    client.force_login(staff(Role.CLERK, booking.community))
    address = reverse("admin:facilities_booking_changelist")

    for query in (
        {"starts_at__year": 2026},
        {"space__id__exact": booking.space_id},
        {"space": booking.space_id},
    ):
        assert client.get(address, query).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ["-1", "abc", "2026-02-31", "0001-01-01", "99999999999999999999", "<script>"])
@pytest.mark.parametrize("name", ["facility", "starts_at", "nothing"])
def test_address_of_an_empty_form_with_what_fits_no_field_opens_it_all_the_same(client, name, odd):
    client.force_login(staff(Role.CLERK, CommunityFactory()))

    assert client.get(reverse("admin:facilities_closure_add"), {name: odd}).status_code == 200


@pytest.mark.django_db
def test_address_of_an_empty_form_fills_in_what_fits(client):
    facility = FacilityFactory()
    client.force_login(staff(Role.CLERK, facility.community))
    given = {"facility": facility.pk, "starts_at": "2026-12-01 10:00"}

    text = client.get(reverse("admin:facilities_closure_add"), given).content.decode()

    assert facility.name in text
    assert 'value="2026/12/01"' in text
