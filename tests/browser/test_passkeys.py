"""A passkey, from adding it to signing in with nothing else, in a real browser under our content policy."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.access import Role
from tests.browser.test_month import sign_in, watch
from tests.factories import staff
from tests.factories.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_authenticator(page: Page) -> None:
    """A device that has a passkey store and a finger on it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(page: Page, address: str) -> None:
    page.goto(address + reverse("mfa_add_webauthn"))
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="确定").click()
    page.get_by_label("以后只用它登录").check()
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.get_by_role("heading", name="备用码")).to_be_visible()


def test_a_passkey_is_added_and_opens_the_account_alone(page, live_server):
    wrong = watch(page)
    with_authenticator(page)
    sign_in(page, live_server, staff(Role.CLERK))
    add_passkey(page, live_server.url)
    page.context.clear_cookies()

    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="用通行密钥登录").click()

    expect(page.get_by_role("heading", name="您好")).to_be_visible()
    assert wrong == []


def test_a_passkey_is_the_second_factor_after_a_password(page, live_server):
    with_authenticator(page)
    clerk = staff(Role.CLERK)
    sign_in(page, live_server, clerk)
    add_passkey(page, live_server.url)
    page.context.clear_cookies()

    sign_in(page, live_server, clerk)
    expect(page.get_by_role("heading", name="第二道验证")).to_be_visible()
    page.get_by_role("button", name="用通行密钥").click()

    expect(page.get_by_role("heading", name="您好")).to_be_visible()


def test_a_device_that_refuses_says_so_in_chinese(page, live_server):
    page.goto(live_server.url + reverse("account_login"))
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('refused')) }")
    page.get_by_role("button", name="用通行密钥登录").click()

    expect(page.get_by_text("通行密钥没有用成")).to_be_visible()
