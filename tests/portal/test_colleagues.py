"""A colleague who lost the second factor is let in again by who administers all their regions, never by others."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from portal.access import Role
from portal.entrance.colleagues import clear_second_factor
from portal.errors import Refused
from portal.models import AuditEntry, Message
from tests.factories import CommunityFactory, ProviderFactory, ResidentFactory, UserFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return CommunityFactory()


@pytest.fixture
def admin(here):
    return staff(Role.REGION_ADMIN, here)


def with_factors(user):
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=user, type=kind, data={})
    return user


def page(user):
    return reverse("admin:portal_user_second_factor", args=[user.pk])


def test_lost_factors_are_cleared_for_a_reason_recorded_and_told(client, here, admin):
    clerk = with_factors(staff(Role.CLERK, here))
    client.force_login(admin)

    shown = client.get(reverse("admin:portal_user_change", args=[clerk.pk])).content.decode()
    asked = client.get(page(clerk)).content.decode()
    done = client.post(page(clerk), {"reason": "lost"}, follow=True).content.decode()

    assert page(clerk) in shown
    assert "手机或密钥丢了" in asked
    assert "已清除，并已告诉本人" in done
    assert not Authenticator.objects.filter(user=clerk).exists()
    entry = AuditEntry.objects.get(action="user.factor_cleared")
    assert (entry.by, entry.region_id, entry.data["reason"]) == (admin, here.pk, "lost")
    assert str(clerk) not in entry.subject
    assert Message.objects.get(to=clerk).title == "管理员已清除您的第二道验证"


def test_without_a_reason_nothing_is_cleared(client, here, admin):
    clerk = with_factors(staff(Role.CLERK, here))
    client.force_login(admin)

    answer = client.post(page(clerk))

    assert answer.status_code == 409
    assert "请选一个原因" in answer.content.decode()
    assert Authenticator.objects.filter(user=clerk).count() == 3


def test_nobody_clears_their_own(here, admin):
    root = with_factors(UserFactory(superuser=True))
    with_factors(admin)

    for user in (root, admin):
        with pytest.raises(Refused, match="自己"):
            clear_second_factor(user, reason="lost", by=user)

    assert Authenticator.objects.count() == 6


def others(here):
    """People whose account is not this administrator's to open, by why."""
    elsewhere = CommunityFactory()
    return {
        "elsewhere": staff(Role.CLERK, elsewhere),
        "also elsewhere": UserFactory(roles=[(Role.CLERK, here), (Role.CLERK, elsewhere)]),
        "of the street": staff(Role.REGION_ADMIN, here.region.parent),
        "superuser": UserFactory(superuser=True, roles=[(Role.CLERK, here)]),
        "resident": ResidentFactory(community=here).account,
        "member": UserFactory(roles=[(Role.CLERK, here)], provider=ProviderFactory()),
        "without a role": UserFactory(),
    }


@pytest.mark.parametrize(
    "who",
    ["elsewhere", "also elsewhere", "of the street", "superuser", "resident", "member", "without a role"],
)
def test_accounts_beyond_ones_region_or_rights_stay_closed_for_factor_and_password_alike(
    client, here, admin, who
):
    user = with_factors(others(here)[who])
    client.force_login(admin)

    answers = [client.get(page(user)), client.post(page(user), {"reason": "lost"})]
    answers.append(client.get(reverse("admin:auth_user_password_change", args=[user.pk])))

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert Authenticator.objects.filter(user=user).count() == 3
    with pytest.raises(Refused):
        clear_second_factor(user, reason="lost", by=admin)


def test_clerk_and_official_have_no_such_page(client, here):
    user = with_factors(staff(Role.CLERK, here))

    for role in (Role.CLERK, Role.OFFICIAL, Role.APPROVER, Role.ACCOUNTANT):
        client.force_login(staff(role, here))
        assert client.post(page(user), {"reason": "lost"}).status_code in (403, 404)

    assert Authenticator.objects.filter(user=user).count() == 3


def test_superuser_helps_a_resident(client, here):
    user = with_factors(ResidentFactory(community=here).account)
    client.force_login(UserFactory(superuser=True))

    client.post(page(user), {"reason": "changed"})

    assert not Authenticator.objects.filter(user=user).exists()


def test_who_has_none_is_told_so(client, here, admin):
    clerk = staff(Role.CLERK, here)
    client.force_login(admin)

    assert "没有设第二道验证" in client.get(page(clerk)).content.decode()
    assert client.post(page(clerk), {"reason": "lost"}).status_code == 409


def test_password_set_by_an_administrator_is_recorded_and_told(client, here, admin):
    clerk = staff(Role.CLERK, here)
    client.force_login(admin)
    new = {"usable_password": "true", "password1": "a-long-enough-word", "password2": "a-long-enough-word"}

    client.post(reverse("admin:auth_user_password_change", args=[clerk.pk]), new)

    clerk.refresh_from_db()
    assert clerk.check_password("a-long-enough-word")
    assert AuditEntry.objects.get(action="user.password_set").by == admin
    assert Message.objects.get(to=clerk).title == "管理员已重设您的登录密码"


def test_page_of_an_account_shows_nothing_of_the_password(client, here, admin):
    client.force_login(admin)
    colleague = staff(Role.CLERK, here)

    shown = client.get(reverse("admin:portal_user_change", args=[colleague.pk])).content.decode()

    assert "算法" not in shown
    assert colleague.password.split("$")[0] not in shown
    assert "已设" in shown
