"""Lists of many rows: every page has its rows in order, and each row leads back to the list as it was asked."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from portal.access import Role
from tests.factories import CommunityFactory, MeterFactory, staff

pytestmark = pytest.mark.django_db

LIST = reverse("admin:billing_meter_changelist")


@pytest.fixture
def meters(client):
    here = CommunityFactory()
    client.force_login(staff(Role.CLERK, here))
    return [MeterFactory(facility__community=here, ref=f"M-{number:03d}") for number in range(120)]


def rows(client, **asked):
    return [meter.ref for meter in client.get(LIST, asked).context["cl"].result_list]


def test_pages_follow_on_each_other_in_the_order_asked_for(client, meters):
    up = [ref for page in (1, 2, 3) for ref in rows(client, o="0", p=page)]
    down = [ref for page in (1, 2, 3) for ref in rows(client, o="-0", p=page)]

    assert up == sorted(meter.ref for meter in meters)
    assert down == up[::-1]


def test_a_row_leads_back_to_the_list_as_it_was_asked(client, meters):
    answer = client.get(LIST, {"q": "M-00", "o": "-0"})

    link = next(
        href.partition('"')[0]
        for href in answer.content.decode().split('href="')
        if href.startswith(reverse("admin:billing_meter_change", args=[meters[9].pk]))
    )
    kept = parse_qs(urlsplit(link.replace("&amp;", "&")).query)["_changelist_filters"]
    assert parse_qs(kept[0]) == {"q": ["M-00"], "o": ["-0"]}
    assert client.get(link).status_code == 200


def test_rows_of_an_unfiltered_list_have_plain_addresses(client, meters):
    page = client.get(LIST).content.decode()

    assert f'href="{reverse("admin:billing_meter_change", args=[meters[0].pk])}"' in page
