"""Only what we want of allauth is routed; its names stay, since it looks them up."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from portal.entrance import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("login/code/", account.request_login_code, name="account_request_login_code"),
    path(
        "login/code/confirm/",
        views.tells_when_late(account.confirm_login_code),
        name="account_confirm_login_code",
    ),
    path("login/factor/", mfa.authenticate, name="mfa_authenticate"),
    path("login/passkey/", login_not_required(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("logout/", views.SignOut.as_view(), name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("email/", account.email, name="account_email"),
    path(
        "email/confirm/",
        views.tells_when_late(account.email_verification_sent),
        name="account_email_verification_sent",
    ),
    path("phone/change/", account.change_phone, name="account_change_phone"),
    path("phone/verify/", views.tells_when_late(account.verify_phone), name="account_verify_phone"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("reauthenticate/factor/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path(
        "password/reset/confirm/",
        views.tells_when_late(account.confirm_password_reset_code),
        name="account_confirm_password_reset_code",
    ),
    path(
        "password/reset/complete/",
        account.complete_password_reset,
        name="account_complete_password_reset",
    ),
    path(
        "password/reset/done/",
        account.password_reset_from_key_done,
        name="account_password_reset_completed",
    ),
    path("security/", mfa.index, name="mfa_index"),
    path("security/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("security/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("security/recovery/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("security/recovery/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("security/recovery/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("security/passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("security/passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("security/passkeys/<int:pk>/remove/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
]
