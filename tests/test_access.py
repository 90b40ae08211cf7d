"""Who may open what: docs/access.md is the table, this is its proof; an address not in it fails."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.urls import URLPattern, get_resolver, reverse

from facilities import feeds
from facilities.views import check_in
from portal import roles
from tests.access_table import Row, admin_rows, pages
from tests.access_world import FOREIGN, OWN, READERS, Place, make_place, make_reader

NOTICE, DRAFT = "2026-10", "2026-11"
OF_EVERY_MODEL = ("changelist", "add", "history", "delete", "change", "import", "template", "export", "sheet")

# What the address of each page needs; a page that is not here needs nothing.
ARGUMENTS: dict[str, Callable[[Place], list[Any]]] = {
    "region": lambda place: [place.code],
    "community": lambda place: [place.code],
    "month": lambda place: [place.code, NOTICE],
    "month 草稿": lambda place: [place.code, DRAFT],
    "bill": lambda place: [place.code, "2026-09", place.bill],
    "fund": lambda place: [place.code, "2026-09", "utility"],
    "notice": lambda place: [place.code, NOTICE],
    "objections": lambda place: [place.code, NOTICE],
    "facility": lambda place: [place.agreement.facility_id],
    "facility_idle": lambda place: [place.agreement.facility_id],
    "facility_norms": lambda place: [place.agreement.facility_id],
    "project": lambda place: [place.project.pk],
    "me_family_remove": lambda place: [0],
    "me_data": lambda place: ["json"],
    "admin:residents_resident_open": lambda place: [place.resident.pk],
    "photo": lambda place: [place.photo.key, "small"],
    "admin:facilities_project_do": lambda place: [place.project.pk, "submit"],
    "desk:statement": lambda place: ["2026-09", place.agreement.ref],
    "desk:revenue": lambda place: ["2026-09", place.agreement.ref],
    "api:region-detail": lambda place: [place.code],
    "api:community-detail": lambda place: [place.code],
    "api:month-detail": lambda place: [place.posted.pk],
    "api:month-statement": lambda place: [place.posted.pk],
    "api:region-month-detail": lambda place: [place.region_month.pk],
    "api:share-detail": lambda place: [place.share.pk],
    "api:charge-detail": lambda place: [place.charge.pk],
    "api:rebate-detail": lambda place: [place.rebate.pk],
    "room_feed": lambda place: [place.booking.space_id, feeds.address_of(place.booking.space)],
    "room_here": lambda place: [place.booking.space_id, check_in.address_of(place.booking.space)],
    "admin:rooms_poster": lambda place: [place.booking.space_id],
    "room": lambda place: [place.booking.space_id],
    "my_booking_step": lambda place: [place.booking.pk],
    "api:space-detail": lambda place: [place.booking.space_id],
    "api:space-free": lambda place: [place.booking.space_id],
    "api:booking-detail": lambda place: [place.booking.pk],
    "api:booking-cancel": lambda place: [place.booking.pk],
    "api:booking-accept": lambda place: [place.booking.pk],
    "admin:rooms_booking": lambda place: [place.booking.pk],
    "admin:rooms_feed_renew": lambda place: [place.booking.space_id],
    "message": lambda place: [place.message.pk],
    "admin:rooms_step": lambda place: [place.booking.pk],
    "mfa_edit_webauthn": lambda place: [0],
    "mfa_remove_webauthn": lambda place: [0],
    "admin:portal_export_file": lambda place: [0],
    "admin:app_list": lambda place: ["billing"],
    "admin:view_on_site": lambda place: [0, 0],
    "admin:auth_user_password_change": lambda place: [0],
    "admin:portal_user_second_factor": lambda place: [0],
    "admin:books_month": lambda place: [place.code, NOTICE],
    "admin:books_review": lambda place: [place.code, NOTICE],
    "admin:books_readings": lambda place: [place.code, NOTICE],
    "admin:books_bills": lambda place: [place.code, NOTICE],
    "admin:books_revenue": lambda place: [place.code, NOTICE],
    "admin:books_methods": lambda place: [place.code, NOTICE, place.notice_bill.pk],
    "admin:books_step": lambda place: [place.code, NOTICE],
    "admin:books_object": lambda place: [place.code, NOTICE],
    "admin:books_answer": lambda place: [place.code, NOTICE, 0],
    "admin:books_run": lambda place: [place.run.pk],
    "admin:books_run_do": lambda place: [place.run.pk],
    "admin:books_statement": lambda place: [place.code, "2026-09"],
    "admin:billing_account_statement": lambda place: [place.account.pk],
    "admin:books_agreement_statement": lambda place: [place.code, "2026-09", place.agreement.pk],
}

# What a form must say to be about a place; the others are sent empty.
FORMS: dict[str, Callable[[Place], dict[str, str]]] = {
    "admin:books_run_start": lambda place: {"month": NOTICE, "region": place.code},
}


def names(resolver: Any, namespace: str = "") -> Iterator[str]:
    """The name of every address; those without one are redirects of the admin to its own pages."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            if entry.name:
                yield f"{namespace}{entry.name}"
        else:
            inner = f"{entry.namespace}:" if getattr(entry, "namespace", None) else ""
            yield from names(entry, namespace + inner)


def of_models() -> set[str]:
    """The addresses that every registered model has; the second table speaks for them."""
    return {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin.site._registry
        for page in OF_EVERY_MODEL
    }


def address_of(row: Row, place: Place) -> str:
    name = row.name.removeprefix("POST ")
    return reverse(name.split()[0], args=ARGUMENTS.get(name, lambda place: [])(place))


def status(client: Any, row: Row, place: Place) -> int:
    if not row.name.startswith("POST "):
        return client.get(address_of(row, place)).status_code
    data = FORMS.get(row.name.removeprefix("POST "), lambda place: {})(place)
    return client.post(address_of(row, place), data).status_code


@pytest.fixture
def places(db: None) -> tuple[Place, Place]:
    return make_place(OWN), make_place(FOREIGN)


def sign_in(client: Any, reader: Any) -> None:
    """Begin anew as this reader; None is a guest."""
    client.logout()
    if reader is not None:
        client.force_login(reader)


def answer(client: Any, row: Row, reader: Any, places: tuple[Place, Place]) -> str:
    """The status at the own and at the foreign place; one number where they agree."""
    sign_in(client, reader)
    own = str(status(client, row, places[0]))
    if row.name.removeprefix("POST ") not in ARGUMENTS.keys() | FORMS.keys():
        return own  # the same address and form in both places
    foreign = str(status(client, row, places[1]))
    return own if own == foreign else f"{own}/{foreign}"


@pytest.mark.parametrize("column", READERS)
def test_every_page_answers_this_reader_as_the_table_says(client, places, column):
    reader = make_reader(column, places[0])

    answers = {row.name: answer(client, row, reader, places) for row in pages()}

    assert answers == {row.name: row.cells[column] for row in pages()}


def test_every_address_is_in_the_table():
    listed = {row.name.removeprefix("POST ").split()[0] for row in pages()}

    assert set(names(get_resolver())) - of_models() == listed


def test_every_address_that_takes_a_form_has_a_line_for_it(client, places):
    """A page without a line for POST takes none, not even from whoever may do everything."""
    listed = {row.name for row in pages()}
    silent = [row for row in pages() if f"POST {row.name}" not in listed and not row.name.startswith("POST ")]
    client.force_login(make_reader("超级用户", places[0]))

    answers = {row.name: client.post(address_of(row, places[0])).status_code for row in silent}

    nowhere = {row.name for row in silent if row.cells["超级用户"] == "404"}
    assert {
        name for name, code in answers.items() if code != 405 and not (code == 404 and name in nowhere)
    } == set()


@pytest.mark.parametrize("column", READERS)
def test_interface_changes_nothing(client, places, column):
    """Every resource and every method beside reading, for every reader; a later one gets lines of its own."""
    sign_in(client, make_reader(column, places[0]))
    resources = [row for row in pages() if row.name.startswith("api:")]

    answers = {
        (row.name, method): client.generic(method, address_of(row, places[0])).status_code
        for row in resources
        for method in ("POST", "PUT", "PATCH", "DELETE")
        if f"{method} {row.name}" not in {other.name for other in pages()}
    }

    assert set(answers.values()) <= {403, 405}


@pytest.mark.parametrize("column", ["巡查", "街道主管", "区主管", "市主管"])
def test_role_that_only_reads_changes_nothing_by_any_address(client, places, column):
    """Every address with every method that writes, and every page of every model, whatever the table says."""
    sign_in(client, make_reader(column, places[0]))
    addresses = {row.name.removeprefix("POST "): address_of(row, places[0]) for row in pages()}
    for model, page in itertools.product(admin.site._registry, ("changelist", "add", "change", "delete")):
        name = f"admin:{model._meta.label_lower.replace('.', '_')}_{page}"
        addresses[name] = reverse(name, args=[1] if page in ("change", "delete") else [])

    answers = {
        (name, method): client.generic(method, address).status_code
        for name, address in addresses.items()
        for method in ("POST", "PUT", "PATCH", "DELETE")
        if not is_own(name.split()[0])
    }

    assert set(answers.values()) == {403}


def is_own(name: str) -> bool:
    return name in roles.OWN or name.startswith(roles.OWN_PREFIXES)


def test_every_model_of_the_admin_is_in_the_table():
    registered = {model._meta.label for model in admin.site._registry}

    assert {row.name for row in admin_rows()} == registered


def model_pages(row: Row) -> dict[str, str]:
    stem = f"admin:{row.name.lower().replace('.', '_')}"
    return {"看": reverse(f"{stem}_changelist"), "录": reverse(f"{stem}_add")}


ADMIN_READERS = ["经办", "会计", "审批", "巡查", "区主管", "地区管理员", "商家", "居民"]


def expected(column: str) -> dict[tuple[str, str], bool]:
    """Whether the table opens the list and the empty form of each model to this reader."""
    return {
        (row.name, page): column in row.cells[page].split("、")
        for row in admin_rows()
        for page in ("看", "录")
    }


@pytest.mark.parametrize("column", ADMIN_READERS)
def test_rights_in_the_admin_are_as_the_table_says(places, rf, column):
    request = rf.get("/admin/")
    request.user = make_reader(column, places[0])

    rights = {}
    for model, model_admin in admin.site._registry.items():
        rights[model._meta.label, "看"] = model_admin.has_view_permission(request)
        rights[model._meta.label, "录"] = model_admin.has_add_permission(request)

    assert rights == expected(column)


@pytest.mark.parametrize(("column", "closed"), [("会计", 403), ("地区管理员", 403), ("商家", 302)])
def test_lists_and_forms_of_the_admin_open_as_the_table_says(client, places, column, closed):
    client.force_login(make_reader(column, places[0]))

    answers = {
        (row.name, page): client.get(address).status_code
        for row in admin_rows()
        for page, address in model_pages(row).items()
    }

    assert answers == {key: 200 if opens else closed for key, opens in expected(column).items()}


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_row_elsewhere_is_not_found_in_the_admin(client, places, page):
    """Asked of everybody who may write something, for the rows that a foreign community has."""
    elsewhere = places[1]
    rows = [elsewhere.community, elsewhere.posted, elsewhere.share, elsewhere.charge, elsewhere.rebate]
    rows += [elsewhere.booking, elsewhere.booking.space]
    rows += [elsewhere.agreement, elsewhere.agreement.facility, elsewhere.provider, elsewhere.notice_bill]
    rows += [elsewhere.resident, elsewhere.resident.household, elsewhere.need]
    rows += [elsewhere.project, elsewhere.photo.site]
    for column in ("经办", "会计", "审批", "地区管理员"):
        client.force_login(make_reader(column, places[0]))
        for row in rows:
            address = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{page}", args=[row.pk])
            assert client.get(address).status_code in (403, 404), f"{column} {address}"
