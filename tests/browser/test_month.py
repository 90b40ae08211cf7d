"""A month in a real browser: by the person who signs in to see it, and by those who make it."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from billing import closing
from facilities.models import Community, Region
from portal.access import Role
from services.models import Provider
from tests.factories import PASSWORD, ProviderMemberFactory, UserFactory

PACKS = Path("portal/demo/packs")
LIYUAN = "610104004019"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def september() -> Community:
    """The four communities with September posted."""
    call_command("load_regions", verbosity=0)
    call_command("import_pack", PACKS / "2026-09", verbosity=0)
    closing.close_batch("2026-09", list(Community.objects.values_list("region_id", flat=True)))
    return Community.objects.get(pk=LIYUAN)


def sign_in(page: Page, live_server, user) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="登录", exact=True).click()


def watch(page: Page) -> list[str]:
    """What goes wrong in the page itself: errors of scripts and refusals of the content policy."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    return wrong


@pytest.mark.parametrize("width", [390, 1440])
def test_an_official_signs_in_opens_the_month_and_sees_the_give_back_and_why(
    page, live_server, september, width
):
    wrong = watch(page)
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, live_server, UserFactory(roles=[(Role.OFFICIAL, Region.objects.get(pk="610100000000"))]))
    page.goto(f"{live_server.url}/communities/{LIYUAN}/2026-09/")

    expect(page.locator("#account")).to_contain_text("4,321.58")
    expect(page.locator("#rebates, section:has(#rebates-title)").first).to_contain_text("梨园托幼")
    page.get_by_role("link", name=re.compile("LY-E-09")).first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("电")
    page.get_by_text("怎么算的").first.click()
    expect(page.locator("main")).to_contain_text("240")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert wrong == []


def test_a_provider_sees_what_it_gave_back_and_of_which_revenue(page, live_server, september):
    provider = UserFactory(roles=[(Role.PROVIDER, september)])
    ProviderMemberFactory(user=provider, provider=Provider.objects.get(ref="LY-P1"))
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live_server, provider)
    page.goto(f"{live_server.url}/desk/")
    page.locator("a[href*='statements/2026-09']").first.click()

    expect(page.locator("main")).to_contain_text("4,321.58")
    expect(page.locator("main")).to_contain_text("86,431.50")
