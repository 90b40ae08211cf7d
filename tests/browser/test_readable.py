"""Elder people can read and hit it: type of 16 px, AA contrast in light and dark, targets of 44 px on a phone."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from billing.models import Entry, Line
from facilities.models import Space
from portal.access import Role
from portal.context import ELDER_COOKIE, THEME_COOKIE
from tests.access_world import OWN
from tests.factories import AccountFactory, UserFactory, staff
from tests.portal.test_sweep import fill

AXE = Path("node_modules/axe-core/axe.min.js")
# Text that is seen: its size and where it stands; icons are drawn by a font of their own.
SMALL = """() => [...document.querySelectorAll('body *')].filter(one =>
    (one.matches('input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea')
      || [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
    && one.checkVisibility({opacityProperty: true, visibilityProperty: true})
    && one.getClientRects().length
    && !one.closest('script, style, noscript, .material-symbols-outlined, sup, sub, svg, .sr-only')
    && parseFloat(getComputedStyle(one).fontSize) > 0  // 0: said to be unseen
    && parseFloat(getComputedStyle(one).fontSize) < 15.99
).map(one => `${getComputedStyle(one).fontSize} ${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 20)}`)"""

# What one taps and is lower than a finger. Not: words within a sentence, boxes (their row counts), marks on a line of time.
LOW = """() => [...document.querySelectorAll(
    'a[href], button, summary, select, input:not([type=hidden], [type=checkbox], [type=radio])')].filter(one => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility({opacityProperty: true, visibilityProperty: true})
      && box.width > 1 && box.right > 0 && box.bottom > 0
      && getComputedStyle(one).display !== 'inline'
      && !one.closest('.bar, .track, .select2-hidden-accessible')
      && (box.height < 43.5 || box.width < 24);
}).map(one => {
    const box = one.getBoundingClientRect();
    return `${Math.round(box.width)}x${Math.round(box.height)} ${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 20)}`;
})"""

# A table that a phone shows line by line and that is wider than where it stands: its right edge is not seen.
CUT = """() => [...document.querySelectorAll('table.stack')].filter(
    one => one.scrollWidth > one.parentElement.clientWidth + 1).map(one => one.textContent.trim().slice(0, 40))"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    """A community with rows of nearly everything, and who works there."""
    place = fill(OWN)
    book(place)
    return place, staff(Role.ACCOUNTANT, place.community)


def book(place):
    """More lines than a page of an account holds."""
    other = AccountFactory(community=place.community, kind="fund", name="utility", provider=None)
    entries = Entry.objects.bulk_create(
        Entry(close=place.posted, number=number, date="2026-09-30", source="B1") for number in range(1, 56)
    )
    Line.objects.bulk_create(
        Line(entry=entry, position=position, account=account, amount=amount)
        for entry in entries
        for position, account, amount in ((1, place.account, 1250), (2, other, -1250))
    )


def pages(place):
    yield reverse("admin:index")
    yield reverse("admin:billing_account_statement", args=[place.account.pk])
    yield reverse("admin:billing_account_statement", args=[place.account.pk]) + "?at=first"
    yield reverse("admin:billing_account_changelist")
    for name in ("services_agreement", "billing_meter", "facilities_booking"):
        yield reverse(f"admin:{name}_changelist")
    yield reverse("admin:services_agreement_add")
    yield reverse("admin:services_agreement_change", args=[place.agreement.pk])
    yield reverse("admin:services_agreement_import")
    yield reverse("admin:services_agreement_delete", args=[place.agreement.pk])
    yield reverse("admin:billing_receipt_changelist") + "?q=none"
    yield reverse("admin:billing_entry_export")
    yield reverse("admin:portal_export_changelist")
    yield reverse("admin:app_list", args=["billing"])
    for month in ("2026-10", "2026-12"):
        yield reverse("admin:books_month", args=[OWN, month])
    for name in ("books_readings", "books_bills", "books_revenue"):
        yield reverse(f"admin:{name}", args=[OWN, "2026-12"])
    for name in ("rooms_calendar", "rooms_use", "rooms_touched", "books", "billing_closerun_changelist"):
        yield reverse(f"admin:{name}")
    space = Space.objects.filter(facility=place.agreement.facility).latest("pk")
    yield reverse("admin:rooms_poster", args=[space.pk])
    yield reverse("admin:facilities_space_history", args=[space.pk])
    yield reverse("admin:facilities_site_export")
    for name in ("home", "rooms", "my_bookings", "inbox", "channels", "mfa_index", "me_join", "communities"):
        yield reverse(name)
    yield reverse("facility", args=[place.agreement.facility_id])
    yield reverse("month", args=[OWN, "2026-10"])
    yield reverse("objections", args=[OWN, "2026-10"])


def opened(place, user):
    """Every page with who opens it."""
    return [*((user, address) for address in pages(place)), *pages_of_others(place)]


def pages_of_others(place):
    """What the accountant never opens: who, and where."""
    region, month = place.community.region, [OWN, "2026-10"]
    inspector, keeper = staff(Role.INSPECTOR, place.community), staff(Role.REGION_ADMIN, place.community)
    clerk = staff(Role.CLERK, place.community)
    member = UserFactory(roles=[(Role.PROVIDER, region)], provider=place.provider)
    yield clerk, reverse("admin:residents_resident_change", args=[place.resident.pk])
    yield clerk, reverse("admin:residents_need_change", args=[place.need.pk])
    yield clerk, reverse("admin:facilities_space_add")
    yield clerk, reverse("admin:facilities_site_change", args=[place.photo.site_id])
    yield clerk, reverse("admin:facilities_project_change", args=[place.project.pk])
    yield clerk, reverse("admin:rooms_booking", args=[place.booking.pk])
    yield inspector, reverse("admin:index")
    yield inspector, reverse("admin:books_month", args=month)
    yield inspector, reverse("admin:services_provider_change", args=[place.provider.pk])
    yield inspector, reverse("admin:services_provider_sheet", args=["providers"])
    yield keeper, reverse("admin:portal_user_changelist")
    yield keeper, reverse("admin:portal_user_add")
    yield keeper, reverse("admin:portal_auditentry_changelist")
    yield keeper, reverse("admin:portal_delivery_changelist")
    yield keeper, reverse("admin:facilities_norm_changelist")
    yield member, reverse("desk:home")
    yield member, reverse("desk:statement", args=[place.posted.month, place.agreement.ref])
    yield member, reverse("rooms")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_type_is_16_px_or_more_and_contrast_is_enough(page: Page, live_server, client, world, theme):
    place, user = world
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.add_init_script(f"localStorage.setItem('_x_adminTheme', JSON.stringify('{theme}'))")
    small, faint, seen, signed_in = {}, {}, 0, None
    for who, address in opened(place, user):
        if who != signed_in:
            sign_in(page, live_server, client, who, theme)
            signed_in = who
        page.goto(live_server.url + address)
        seen += page.locator("body *").count() > 50
        if address.startswith("/admin/") and "/sheet/" not in address:  # a sheet is for paper
            assert page.locator("html.dark").count() == (theme == "dark")
        if found := page.evaluate(SMALL):
            small[address] = sorted(set(found))
        if found := faults(page, "color-contrast"):
            faint[address] = found

    assert small == {}
    assert faint == {}
    assert seen == len(list(opened(place, user)))


@pytest.mark.parametrize("elder", ["0", "1"])
def test_on_a_phone_nothing_is_too_low_to_tap_and_nothing_scrolls_sideways(
    page: Page, live_server, client, world, elder
):
    place, user = world
    sign_in(page, live_server, client, user, "light")
    page.context.add_cookies([{"name": ELDER_COOKIE, "value": elder, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    low, wide, cut, signed_in = {}, {}, {}, None
    for who, address in opened(place, user):
        if who != signed_in:
            sign_in(page, live_server, client, who, "light")
            signed_in = who
        page.goto(live_server.url + address, wait_until="networkidle")
        if found := page.evaluate(CUT):
            cut[address] = found
        if found := page.evaluate(LOW):
            low[address] = sorted(set(found))
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 390:
            wide[address] = width

    assert low == {}
    assert wide == {}
    assert cut == {}


def test_every_field_of_a_form_says_its_name(page: Page, live_server, client, world):
    place, user = world
    sign_in(page, live_server, client, user, "light")
    errors, nameless = [], {}
    page.on("pageerror", lambda error: errors.append(str(error)))
    forms = [
        reverse("admin:services_agreement_add"),
        reverse("admin:services_agreement_change", args=[place.agreement.pk]),
        reverse("admin:services_agreement_import"),
    ]
    for address in forms:
        page.goto(live_server.url + address)
        page.locator("body:not(:has(select.admin-autocomplete:not(.select2-hidden-accessible)))").wait_for()
        if found := faults(page, "aria-input-field-name", "label", "label-title-only", "select-name"):
            nameless[address] = found
    page.set_input_files("[name=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"x"})

    assert nameless == {}
    assert errors == []


def sign_in(page: Page, live_server, client, user, theme: str) -> None:
    client.force_login(user)
    session = client.cookies["sessionid"].value
    for name, value in (("sessionid", session), (THEME_COOKIE, theme)):
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])


def faults(page: Page, *rules: str) -> list[str]:
    """The places where axe-core finds these rules broken."""
    page.evaluate(AXE.read_text())
    result = page.evaluate("rules => axe.run({runOnly: rules})", list(rules))
    return [
        f"{node['html'][:120]} {node['failureSummary'][:160]}"
        for one in result["violations"]
        for node in one["nodes"]
    ]
