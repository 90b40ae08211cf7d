"""How people sign in: settings of allauth, its second factors, and axes. What they call is in `portal.entrance`."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "portal.demo.people.DemoAccountsStayInDemo",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
DJANGOS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{DJANGOS}.UserAttributeSimilarityValidator"},
    {"NAME": "portal.entrance.passwords.LongEnough"},
    {"NAME": f"{DJANGOS}.CommonPasswordValidator"},
    {"NAME": f"{DJANGOS}.NumericPasswordValidator"},
]

# With a phone number, an e-mail address or the name an administrator gave; by password or by code.

CODE_SECONDS = 10 * 60  # as `words` and the letters say
CODE: dict[str, Any] = {"length": 6, "numeric": True, "dashed": False}
ALLAUTH_USER_CODE_FORMAT = CODE
ACCOUNT_ADAPTER = "portal.entrance.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"phone", "email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["phone", "email*", "password1"]  # `SignUpForm` asks for one of the two
ACCOUNT_FORMS = {
    "login": "portal.entrance.forms.SignInForm",
    "add_email": "portal.entrance.forms.AddressForm",
    "request_login_code": "portal.entrance.forms.RequestCodeForm",
    "signup": "portal.entrance.forms.SignUpForm",
    "reset_password": "portal.entrance.forms.ResetPasswordForm",
    "confirm_login_code": "portal.entrance.forms.CodeForm",
    "confirm_password_reset_code": "portal.entrance.forms.CodeForm",
    "confirm_email_verification_code": "portal.entrance.forms.ProveEmailForm",
    "verify_phone": "portal.entrance.forms.ProvePhoneForm",
}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = CODE_SECONDS
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = CODE_SECONDS
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # of those who sign up with one: `EmailStage`
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = CODE_SECONDS
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = 2
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USER_DISPLAY = str
# What one address (of a computer) and one key (a number, a mailbox, an account) may ask for.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "60/h/ip,10/15m/key",
    "request_login_code": "10/m/ip,60/h/ip,1/30s/key,5/h/key,10/d/key",
    "verify_phone": "10/m/ip,60/h/ip,1/30s/key,5/h/key,10/d/key",
    "confirm_email": "60/h/ip,1/30s/key,5/h/key",
    "reset_password": "10/m/ip,60/h/ip,1/30s/key,5/h/key",
    "signup": "10/m/ip,60/h/ip",
    "change_phone": "5/m/user",
}

# Second factors: a code of an authenticator app, or a passkey; which roles must have one: `second_factor`.

MFA_ADAPTER = "portal.entrance.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = _("里仁")
MFA_TOTP_TOLERANCE = 0  # a used code is remembered for one period only
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody gets in before proving the address they signed up with
MFA_FORMS = {
    "authenticate": "portal.entrance.forms.FactorForm",
    "reauthenticate": "portal.entrance.forms.FactorAgainForm",
    "activate_totp": "portal.entrance.forms.ActivateAppForm",
    "add_webauthn": "portal.entrance.forms.AddPasskeyForm",
}

# A password guessed at five times is closed for a quarter of an hour; a code still opens.
# Counted in the cache, by account; neither names nor addresses are kept or written to a log.

AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "portal.entrance.lockout.account_key"
AXES_CLIENT_IP_CALLABLE = "portal.entrance.lockout.no_address"
AXES_LOCKOUT_CALLABLE = "portal.entrance.lockout.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = [
    "axes.W006",  # one address is many people here; it has its own limits above
    "account.W001",  # a name is what an administrator gives; whoever signs up needs none
]
