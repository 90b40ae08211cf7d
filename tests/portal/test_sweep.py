"""A clerk of 黄河 meets nothing of 天府 on any page, list, choice, search, history, export or answer of the API."""

import json

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import DatabaseError, models, transaction
from django.urls import Resolver404, resolve, reverse
from pghistory.models import Event

from facilities.models import Region
from portal.access import Role, ScopedQuerySet
from portal.pages import walk
from tests.access_world import OWN, make_place
from tests.factories import (
    BookingFactory,
    ChargeTermFactory,
    CorrectionFactory,
    LicenceFactory,
    MeterFactory,
    ObjectionFactory,
    OpeningBalanceFactory,
    PaymentFactory,
    ReadingFactory,
    RebateTermFactory,
    ReceiptFactory,
    RevenueFactory,
    SharingRuleFactory,
    SpaceFactory,
    TopUpFactory,
    TransferFactory,
    UserFactory,
    UtilityTermFactory,
    staff,
)

pytestmark = pytest.mark.django_db

TIANFU, DIANJIAN = "610116001060", "610102008007"
OURS = ("facilities", "residents", "services", "billing")
# Pages for everybody, signed in or not: where the money of each community went.
PUBLIC = ("/communities/", "/projects/", "/photos/")


def fill(code):
    """A community that has a row of nearly everything."""
    place = make_place(code)
    agreement = place.agreement
    facility = agreement.facility
    for factory in (
        ChargeTermFactory,
        RebateTermFactory,
        UtilityTermFactory,
        RevenueFactory,
        CorrectionFactory,
    ):
        factory(agreement=agreement)
    MeterFactory(facility=facility, agreement=agreement)
    ReadingFactory(meter__facility=facility)
    SharingRuleFactory(facility=facility)
    for factory in (TopUpFactory, TransferFactory, OpeningBalanceFactory):
        factory(community=place.community)
    ReceiptFactory(community=place.community, provider=agreement.provider)
    PaymentFactory(bill=place.notice_bill)
    ObjectionFactory(close=place.notice_bill.sharing.close)
    LicenceFactory(provider=agreement.provider)
    BookingFactory(space=SpaceFactory(facility=facility))
    return place


def mark(user, other, word):
    """Write a word into every free text that this user sees and the other does not; return the kinds of rows."""
    marked = set()
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            rows = model._default_manager.all()
            if issubclass(model, Event) or not isinstance(rows, ScopedQuerySet) or model is Region:
                continue
            for row in rows.visible_to(user).exclude(pk__in=rows.visible_to(other).values("pk")):
                marked |= {model._meta.label for field in texts(model) if write(model, row, field, word)}
    return marked


def texts(model):
    kept = ("month", "digest", "prefix", "phone", "code", "datum")
    return [
        field
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField)
        and not (field.choices or field.primary_key or field.name in kept or "month" in field.name)
        and (field.max_length is None or field.max_length >= 30)
        and type(field) in (models.CharField, models.TextField)
    ]


def write(model, row, field, word):
    try:
        with transaction.atomic():
            return model._default_manager.filter(pk=row.pk).update(**{field.name: f"{word}{row.pk}"})
    except DatabaseError:  # the books and what is append-only stay as they are
        return 0


@pytest.fixture
def world():
    here, there = fill(OWN), fill(TIANFU)
    admins = [staff(Role.REGION_ADMIN, place.community) for place in (here, there)]
    for user, other, word in ((*admins, "黄河的"), (*reversed(admins), "天府的")):
        assert len(mark(user, other, word)) > 15
    return here, there


def visited(client):
    """Every page one can reach from the doors, without the pages for everybody."""
    lists = [
        reverse(f"admin:{one._meta.app_label}_{one._meta.model_name}_changelist")
        for one in admin.site._registry
    ]
    exports = [f"{one}export/" for one in lists if opens(f"{one}export/")]
    api = [
        reverse(f"api:{name}-list") for name in ("region", "community", "space", "month", "share", "charge")
    ]
    return [
        one
        for one in walk(client, times=0, doors=[*lists, *exports, *api])
        if not one.address.startswith(PUBLIC)
    ]


def opens(address):
    try:
        return "<path:object_id>" not in resolve(address).route
    except Resolver404:
        return False


def asked(client, word):
    """What every list, the search of the menu and every choice answer to a word, and to nothing."""
    for model, model_admin in admin.site._registry.items():
        app, name = model._meta.app_label, model._meta.model_name
        for text in ("", word):
            if model_admin.search_fields:
                address = reverse(f"admin:{app}_{name}_changelist")
                yield address, client.get(address, {"q": text})
            for field in model_admin.get_autocomplete_fields(None):
                choice = {"app_label": app, "model_name": name, "field_name": field, "term": text}
                yield f"{name}.{field}", client.get(reverse("admin:autocomplete"), choice)
    yield "search", client.get(reverse("admin:search"), {"s": word})


def test_a_clerk_meets_nothing_of_another_community(client, world):
    client.force_login(staff(Role.CLERK, world[0].community))

    pages = visited(client)

    assert len(pages) > 150
    assert [one.address for one in pages if "天府的" in one.text or TIANFU in one.text] == []
    assert len([one for one in pages if "黄河的" in one.text]) > 50


def test_no_search_and_no_choice_offers_a_clerk_anything_of_another_community(client, world):
    client.force_login(staff(Role.CLERK, world[0].community))

    answers = [(name, said(answer)) for name, answer in asked(client, "天府的")]

    assert [name for name, text in answers if "天府的" in text or TIANFU in text] == []
    assert len(answers) > 100


def said(answer):
    """What an answer says, without the word that was asked for."""
    if answer["Content-Type"] == "application/json":
        return json.dumps(answer.json(), ensure_ascii=False)
    text = answer.content.decode()
    return (
        text.replace('value="天府的"', "")
        .replace("q=天府的", "")
        .replace("q=%E5%A4%A9%E5%BA%9C%E7%9A%84", "")
    )


def test_a_row_of_another_community_is_found_by_no_page_of_the_admin(client, world):
    clerk = staff(Role.CLERK, world[0].community)
    client.force_login(clerk)
    root = UserFactory(superuser=True)
    opened = []
    for model in admin.site._registry:
        rows = model._default_manager.all()
        if not isinstance(rows, ScopedQuerySet):
            continue
        for row in rows.visible_to(root).exclude(pk__in=rows.visible_to(clerk).values("pk"))[:3]:
            for page in ("change", "history", "delete"):
                address = reverse(
                    f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[row.pk]
                )
                if client.get(address).status_code not in (403, 404):
                    opened.append(address)

    assert opened == []


def test_an_official_of_the_district_sees_both_its_communities_and_changes_neither(client):
    huanghe, _dianjian = fill(OWN), fill(DIANJIAN)
    official = staff(Role.OFFICIAL, huanghe.community.region.parent.parent)
    client.force_login(official)
    changed, seen = [], 0
    for model in admin.site._registry:
        app, name = model._meta.app_label, model._meta.model_name
        rows = model._default_manager.all()
        if not isinstance(rows, ScopedQuerySet):
            continue
        if client.post(reverse(f"admin:{app}_{name}_add"), {}).status_code not in (403, 404):
            changed.append(f"{name} add")
        for row in rows.visible_to(official)[:5]:
            seen += client.get(reverse(f"admin:{app}_{name}_change", args=[row.pk])).status_code == 200
            for page in ("change", "delete"):
                answer = client.post(reverse(f"admin:{app}_{name}_{page}", args=[row.pk]), {"post": "yes"})
                if answer.status_code not in (403, 404):
                    changed.append(f"{name} {page}")

    codes = {
        one.community_id
        for one in client.get(reverse("admin:facilities_facility_changelist")).context["cl"].queryset
    }
    assert codes == {OWN, DIANJIAN}
    assert changed == []
    assert seen > 60
