"""The second factor: who must have one, what is closed until then, and that it really is asked for."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from portal import signing_in
from portal.access import STAFF_ROLES, Role
from tests.entrance import (
    app_code,
    ask,
    by_password,
    code_in,
    enter,
    is_in,
    new_phone,
    owner_of_phone,
    set_up_app,
    texts_to,
    wrong,
)
from tests.factories import AccessRoleFactory, CommunityFactory, UserFactory, staff
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def production(settings):
    settings.SECOND_FACTOR_REQUIRED = True


def factor(client, code):
    return client.post(reverse("mfa_authenticate"), {"code": code})


# Who must have one


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("role", STAFF_ROLES)
@pytest.mark.parametrize("name", ["home", "rooms", "my_bookings", "admin:index", "admin:books"])
def test_staff_without_one_are_sent_to_set_it_up(client, role, name):
    client.force_login(staff(role))

    answer = client.get(reverse(name))

    assert (answer.status_code, answer.url) == (302, reverse("mfa_index"))


@pytest.mark.usefixtures("production")
def test_superuser_needs_one_too(client):
    client.force_login(UserFactory(superuser=True))

    assert client.get(reverse("admin:index")).url == reverse("mfa_index")


@pytest.mark.usefixtures("production")
def test_interface_stays_closed_to_staff_without_one(client):
    client.force_login(staff(Role.CLERK))

    answer = client.get(reverse("api:community-list"))

    assert answer.status_code == 403
    assert "第二道验证" in answer.json()["detail"]


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("role", [Role.RESIDENT, Role.PROVIDER])
def test_residents_and_providers_need_none(client, role):
    client.force_login(staff(role))

    assert client.get(reverse("rooms")).status_code == 200


@pytest.mark.usefixtures("production")
def test_using_a_resident_role_does_not_go_around_it(client):
    community = CommunityFactory()
    user = UserFactory(roles=[(Role.CLERK, community), (Role.RESIDENT, community)], last_role=Role.RESIDENT)
    client.force_login(user)

    assert client.get(reverse("rooms")).url == reverse("mfa_index")


@pytest.mark.usefixtures("production")
def test_staff_who_set_it_up_go_on_with_their_work(client):
    client.force_login(staff(Role.CLERK))

    set_up_app(client)

    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.usefixtures("production")
def test_new_staff_role_asks_for_one_from_the_next_page_on(client):
    user = UserFactory()
    client.force_login(user)
    assert client.get(reverse("rooms")).status_code == 200

    AccessRoleFactory(user=user, role=Role.CLERK)

    assert client.get(reverse("rooms")).url == reverse("mfa_index")


@pytest.mark.usefixtures("production")
def test_the_last_one_cannot_be_taken_away_by_staff(client):
    user = staff(Role.CLERK)
    client.force_login(user)
    set_up_app(client)

    shown = client.post(reverse("mfa_deactivate_totp")).content.decode()

    assert "这是最后一个，不能去掉" in shown
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_in_development_it_is_only_offered(client):
    client.force_login(staff(Role.CLERK))

    assert client.get(reverse("admin:index")).status_code == 200
    assert reverse("mfa_index") in client.get(reverse("rooms")).content.decode()


# That it is asked for


@pytest.fixture
def guarded():
    """A clerk with an app, and the secret it knows."""
    phone = new_phone()
    user = owner_of_phone(phone)
    AccessRoleFactory(user=user)
    client = Client()
    client.force_login(user)
    secret = set_up_app(client)
    return user, phone, secret


def test_password_alone_opens_nothing(client, guarded):
    user, _phone, _secret = guarded

    answer = by_password(client, user.username, PASSWORD)

    assert answer.url == reverse("mfa_authenticate")
    assert not is_in(client)


def test_code_by_text_message_alone_opens_nothing(client, guarded):
    _user, phone, _secret = guarded

    ask(client, phone)
    enter(client, code_in(texts_to(phone)))

    assert not is_in(client)


def test_password_and_code_of_the_app_open_the_account(client, guarded):
    user, _phone, secret = guarded
    by_password(client, user.username, PASSWORD)

    factor(client, app_code(secret))

    assert is_in(client)


def test_wrong_code_of_the_app_opens_nothing(client, guarded):
    user, _phone, secret = guarded
    by_password(client, user.username, PASSWORD)

    shown = factor(client, wrong(app_code(secret))).content.decode()

    assert "验证码不对" in shown
    assert not is_in(client)


def test_other_ways_to_prove_who_one_is_are_called_as_everywhere(client, guarded):
    user, _phone, _secret = guarded
    client.force_login(user)

    shown = client.get(reverse("account_reauthenticate")).content.decode()

    assert "改用动态码或备用码" in shown
    assert "APP" not in shown


def test_page_of_the_factor_offers_what_this_account_has(client, guarded):
    """No passkey where none was set up, and a way on for whoever lost everything."""
    user, _phone, _secret = guarded
    by_password(client, user.username, PASSWORD)

    shown = client.get(reverse("mfa_authenticate")).content.decode()

    assert "用通行密钥" not in shown
    assert "请联系您地区的管理员" in shown


def test_code_of_the_app_opens_once(client, guarded):
    user, _phone, secret = guarded
    code = app_code(secret)
    by_password(client, user.username, PASSWORD)
    factor(client, code)
    elsewhere = Client()
    by_password(elsewhere, user.username, PASSWORD)

    factor(elsewhere, code)

    assert not is_in(elsewhere)


def test_guessing_the_code_ends_after_ten_tries(client, guarded, settings):
    settings.ACCOUNT_RATE_LIMITS = signing_in.ACCOUNT_RATE_LIMITS
    user, _phone, secret = guarded
    by_password(client, user.username, PASSWORD)
    for _time in range(10):
        factor(client, wrong(app_code(secret)))

    shown = factor(client, app_code(secret)).content.decode()

    assert "试的次数太多了" in shown
    assert not is_in(client)


def test_recovery_code_opens_once(client, guarded):
    user, _phone, _secret = guarded
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    by_password(client, user.username, PASSWORD)
    factor(client, codes[0])
    elsewhere = Client()
    by_password(elsewhere, user.username, PASSWORD)

    factor(elsewhere, codes[0])

    assert is_in(client)
    assert not is_in(elsewhere)


def test_second_factor_asks_for_the_first(client, guarded):
    answer = client.get(reverse("mfa_authenticate"))

    assert answer.url == reverse("account_login")


def test_secret_of_the_app_is_stored_encrypted(guarded):
    _user, _phone, secret = guarded

    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_setting_up_asks_for_the_password_again(client):
    client.force_login(staff(Role.CLERK))

    answer = client.get(reverse("mfa_activate_totp"))

    assert answer.url.startswith(reverse("account_reauthenticate"))


def test_workbench_has_no_sign_in_of_its_own(client, guarded):
    user, _phone, _secret = guarded

    answer = client.post(reverse("admin:login"), {"username": user.username, "password": PASSWORD})

    assert answer.url.startswith(reverse("account_login"))
    assert not is_in(client)
