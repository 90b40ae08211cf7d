"""What an administrator may do for a colleague who can no longer sign in."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import audit
from portal.access import Role
from portal.entrance import telling
from portal.errors import Refused
from portal.models import User

FACTORS = {
    Authenticator.Type.TOTP: gettext_lazy("验证器应用"),
    Authenticator.Type.WEBAUTHN: gettext_lazy("通行密钥"),
    Authenticator.Type.RECOVERY_CODES: gettext_lazy("备用码"),
}
THEIRS = {Role.RESIDENT, Role.PROVIDER}


class FactorReason(models.TextChoices):
    """Why a second factor is cleared; words chosen, so that nothing about a person is kept."""

    LOST = "lost", gettext_lazy("手机或密钥丢了")
    CHANGED = "changed", gettext_lazy("换了手机")
    BROKEN = "broken", gettext_lazy("设备坏了")
    FORGOTTEN = "forgotten", gettext_lazy("备用码也找不到了")


def may_let_in(by: Any, user: Any) -> bool:
    """Whether somebody may give a colleague a new way in.

    All roles of the colleague lie in regions that one administers. The account of a resident or of a
    provider's member is theirs alone: what they said, booked and earn; only a superuser helps there.
    """
    if by.is_superuser:
        return True
    held = list(user.access_roles.all())
    is_theirs = hasattr(user, "resident") or user.provider_ids or THEIRS & {one.role for one in held}
    if not held or user.is_superuser or is_theirs:
        return False
    return all(by.holds(one.region_id, Role.REGION_ADMIN) for one in held)


def factors_of(user: User) -> list[str]:
    """Each kind of second factor somebody set up, once, as the pages of the sign-in call it."""
    types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return [str(word) for kind, word in FACTORS.items() if kind in types]


@transaction.atomic
def clear_second_factor(user: User, *, reason: str, by: Any) -> None:
    """Take away every second factor of a colleague who lost it; they set up a new one at the next sign-in."""
    row = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if row.pk == by.pk:
        raise Refused(_("不能清除自己的第二道验证，请另一位管理员来办。"))
    if not may_let_in(by, row):
        raise Refused(_("只有管得到这位同事全部角色的管理员可以清除。"))
    if reason not in FactorReason.values:
        raise Refused(_("请选一个原因。"))
    gone, _by_model = Authenticator.objects.filter(user=row).delete()
    if not gone:
        raise Refused(_("这位同事没有设第二道验证。"))
    _written(row, "factor_cleared", _("管理员已清除您的第二道验证"), by=by, reason=reason)


def password_was_set(user: User, *, by: Any) -> None:
    """Write down and tell that somebody else chose a colleague's password."""
    if user.pk != by.pk:
        _written(user, "password_set", _("管理员已重设您的登录密码"), by=by)


def _written(user: User, deed: str, told: str, *, by: Any, **data: str) -> None:
    region = user.access_roles.order_by("pk").values_list("region_id", flat=True).first()
    audit.record(f"user.{deed}", user, by=by, region=region, pk=user.pk, **data)
    telling.tell_owner(user, deed, told)
