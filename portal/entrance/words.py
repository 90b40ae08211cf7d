"""What the entrance says, instead of allauth's own words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NO_MATCH = gettext_lazy("账号和密码对不上。请再核对一遍，注意大小写；也可以改用验证码登录。")
WRONG_CODE = gettext_lazy("验证码不对，请再核对一遍。")
TOO_MANY = gettext_lazy("试的次数太多了。密码请过十五分钟再试，验证码请重新要一个。")
TOO_LATE = gettext_lazy("验证码已经过期，没有用上。请重新要一个。")
TOO_FAST = gettext_lazy("要得太快了：隔半分钟才能再要，一小时最多五次。十分钟内收到的验证码还能用。")

ERRORS = {
    "username_password_mismatch": NO_MATCH,
    "email_password_mismatch": NO_MATCH,
    "phone_password_mismatch": NO_MATCH,
    "invalid_login": NO_MATCH,
    "incorrect_code": WRONG_CODE,
    "incorrect_password": gettext_lazy("密码不对，请再核对一遍。"),
    "enter_current_password": gettext_lazy("现在的密码不对，请再核对一遍。"),
    "too_many_login_attempts": TOO_MANY,
    "rate_limited": TOO_FAST,
    "phone_taken": gettext_lazy("这个手机号已经属于另一个账户。"),
    "email_taken": gettext_lazy("这个邮箱已经属于另一个账户。"),
    "duplicate_email": gettext_lazy("这已经是您账户的邮箱。"),
    "same_as_current": gettext_lazy("这和现在的一样，请填新的。"),
    "account_inactive": gettext_lazy("这个账户已停用。"),
}

SECOND_FACTOR_ERRORS = {
    "incorrect_code": WRONG_CODE,
    "cannot_delete_authenticator": gettext_lazy(
        "您的角色必须有第二道验证，这是最后一个，不能去掉。请先加上新的，再去掉它。"
    ),
    "cannot_generate_recovery_codes": gettext_lazy("请先设好第二道验证，再生成备用码。"),
}

PROVE_BY = {
    "reauthenticate": gettext_lazy("改用密码"),
    "mfa_reauthenticate": gettext_lazy("改用动态码或备用码"),
    "mfa_reauthenticate:webauthn": gettext_lazy("改用通行密钥"),
}

SENT = gettext_lazy("如果这个号码或邮箱属于一个账户，验证码已经发出，十分钟内有效。")

MESSAGES = {
    "account/messages/login_code_sent.txt": SENT,
    "account/messages/phone_verification_sent.txt": gettext_lazy("短信已经发出，请把里面的验证码填在下面。"),
    "account/messages/email_confirmation_sent.txt": gettext_lazy("邮件已经发出，请把里面的验证码填在下面。"),
    "account/messages/email_confirmation_failed.txt": gettext_lazy("这个邮箱没有验证成功。"),
    "account/messages/email_confirmed.txt": gettext_lazy("邮箱已验证。"),
    "account/messages/email_deleted.txt": gettext_lazy("邮箱已去掉。"),
    "account/messages/phone_verified.txt": gettext_lazy("手机号已验证。"),
    "account/messages/password_changed.txt": gettext_lazy("密码已改好。"),
    "account/messages/password_set.txt": gettext_lazy("密码已设好。"),
    "account/messages/logged_out.txt": gettext_lazy("您已退出登录。"),
    "mfa/messages/totp_activated.txt": gettext_lazy("验证器已启用。"),
    "mfa/messages/totp_deactivated.txt": gettext_lazy("验证器已停用。"),
    "mfa/messages/recovery_codes_generated.txt": gettext_lazy("备用码已生成；以前的都作废了。"),
    "mfa/messages/webauthn_added.txt": gettext_lazy("通行密钥已添加。"),
    "mfa/messages/webauthn_removed.txt": gettext_lazy("通行密钥已去掉。"),
}


def code_text(code: str) -> str:
    """The text message with a code."""
    return _("验证码 %(code)s，十分钟内有效。任何人向您要验证码都不要给。") % {"code": code}


def already_text() -> str:
    return _("您的手机号已有账户，请直接用验证码登录。若不是您本人操作，不必理会。")
