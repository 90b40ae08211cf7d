"""Elder staff can read it: type of 16 px or more in the admin, AA contrast there and on the site, light and dark."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from portal.access import Role
from portal.context import THEME_COOKIE
from tests.access_world import OWN
from tests.factories import staff
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

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    """A community with rows of nearly everything, and who works there."""
    place = fill(OWN)
    return place, staff(Role.ACCOUNTANT, place.community)


def pages(place):
    yield reverse("admin:index")
    for name in ("services_agreement", "billing_meter", "facilities_booking"):
        yield reverse(f"admin:{name}_changelist")
    yield reverse("admin:services_agreement_change", args=[place.agreement.pk])
    yield reverse("admin:books_month", args=[OWN, "2026-10"])
    yield reverse("home")
    yield reverse("facility", args=[place.agreement.facility_id])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_type_is_16_px_or_more_and_contrast_is_enough(page: Page, live_server, client, world, theme):
    place, user = world
    client.force_login(user)
    session = client.cookies["sessionid"].value
    for name, value in (("sessionid", session), (THEME_COOKIE, theme)):
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.add_init_script(f"localStorage.setItem('_x_adminTheme', JSON.stringify('{theme}'))")
    small, faint, seen = {}, {}, 0
    for address in pages(place):
        page.goto(live_server.url + address)
        seen += page.locator("body *").count() > 50
        if address.startswith("/admin/"):
            assert page.locator("html.dark").count() == (theme == "dark")
        if address.startswith("/admin/") and (found := page.evaluate(SMALL)):
            small[address] = sorted(set(found))
        if found := contrast(page):
            faint[address] = found

    assert small == {}
    assert faint == {}
    assert seen == len(list(pages(place)))


def contrast(page: Page) -> list[str]:
    """The places whose text axe-core finds too faint."""
    page.evaluate(AXE.read_text())
    result = page.evaluate("() => axe.run({runOnly: ['color-contrast']})")
    return [
        f"{node['html'][:120]} {node['failureSummary'][:160]}"
        for one in result["violations"]
        for node in one["nodes"]
    ]
