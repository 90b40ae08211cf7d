"""Tell the owner of an account what was done to its ways of signing in: never a code, number or address."""

from contextlib import suppress
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.entrance import codes
from portal.notifications import tell

LOCKED_ONCE_IN = 24 * 3600  # whoever guesses on fills no inbox

# By what allauth calls it: the kind, and what happened.
NEWS: dict[str, tuple[str, str | Promise]] = {
    "account/email/password_changed": ("password", gettext_lazy("登录密码已修改")),
    "account/email/password_set": ("password", gettext_lazy("登录密码已设好")),
    "account/email/password_reset": ("password", gettext_lazy("登录密码已用验证码重设")),
    "account/email/email_deleted": ("email", gettext_lazy("登录邮箱已去掉")),
    "mfa/email/totp_activated": ("factor_added", gettext_lazy("已添加第二道验证：验证器")),
    "mfa/email/totp_deactivated": ("factor_removed", gettext_lazy("已去掉第二道验证：验证器")),
    "mfa/email/webauthn_added": ("factor_added", gettext_lazy("已添加通行密钥")),
    "mfa/email/webauthn_removed": ("factor_removed", gettext_lazy("已去掉通行密钥")),
    "mfa/email/recovery_codes_generated": ("recovery", gettext_lazy("备用码已重新生成")),
}
ADDRESS_LEFT = "account/email/email_changed"


def tell_news(user: Any, news: str, left: str | None) -> None:
    """Tell of what allauth has news; the address an account leaves is written to one last time."""
    if news in NEWS:
        kind, what = NEWS[news]
        tell_owner(user, kind, str(what))
    elif news == ADDRESS_LEFT and left:
        with suppress(codes.NotSent):
            codes.send("mail", left, _text(), _("您账户的登录邮箱已更换"))


def tell_owner(user: Any, kind: str, what: str) -> None:
    tell(
        user,
        f"security.{kind}",
        subject=None,
        title=what,
        text=_text(),
        url=reverse("mfa_index"),
        key=f"security:{kind}:{timezone.now().isoformat()}",
    )


def _text() -> str:
    at = timezone.localtime()
    return _(
        "%(month)d月%(day)d日 %(time)s。是您本人操作就不用管；如果不是，请马上修改密码，看看登录方式里有没有不认识的，再联系社区。"
    ) % {"month": at.month, "day": at.day, "time": f"{at:%H:%M}"}


def tell_locked(user: Any) -> None:
    """Say, once a day, that somebody guessed until the password was closed."""
    if cache.add(f"told-locked:{user.pk}", True, LOCKED_ONCE_IN):
        tell_owner(user, "locked", _("密码连续输错，密码登录暂时关闭"))
