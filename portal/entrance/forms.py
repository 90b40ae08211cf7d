"""The forms of the entrance: one field for a phone number or an e-mail address."""

from typing import Any

from allauth.account import forms as theirs
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.entrance import codes, contacts, words
from portal.personal import check_words, lookup, normal_phone


def contact_field(**kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    return forms.CharField(label=_("手机号或邮箱"), max_length=254, widget=widget, **kwargs)


class CodeForm(theirs.BaseConfirmCodeForm):
    """Six digits, typed on a keyboard of digits."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ProveEmailForm(CodeForm):
    """The code is right; meanwhile the address may have been proven for another account."""

    def __init__(self, *args: Any, user: Any = None, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.email = user, email

    def clean_code(self) -> str:
        code = super().clean_code()
        owner = contacts.owner_of_email(self.email)
        if owner and owner != self.user:
            raise get_adapter().validation_error("email_taken")
        return code


class ProvePhoneForm(CodeForm):
    def __init__(self, *args: Any, user: Any = None, phone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.phone = user, phone

    def clean_code(self) -> str:
        code = super().clean_code()
        owner = contacts.owner_of_phone(self.phone)
        if owner and owner != self.user:
            raise get_adapter().validation_error("phone_taken")
        return code


class SignInForm(theirs.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("手机号、邮箱或用户名")
        self.fields["login"].max_length = 254
        self.fields["login"].widget = forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none"}
        )
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["remember"].label = _("在这台设备上保持登录（两周）")

    def user_credentials(self) -> dict[str, Any]:
        credentials: dict[str, Any] = super().user_credentials()
        if "phone" in credentials:
            credentials["phone"] = normal_phone(credentials["phone"])
        return credentials


class AddressForm(theirs.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("邮箱")


class RequestCodeForm(forms.Form):
    """Sends a code to whoever the number or address belongs to, and says the same if nobody."""

    contact = contact_field()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "contact" in cleaned:
            kind, value = contacts.read_contact_in(self, cleaned["contact"])
            if kind:
                self._user = contacts.owner_of(kind, value)
                self._count("request_login_code", value)
                cleaned[kind] = value
        return cleaned

    def _count(self, action: str, value: str) -> None:
        if not ratelimit.consume(context.request, action=action, key=lookup(value)):
            raise forms.ValidationError(words.TOO_FAST)


class SignUpForm(theirs.SignupForm):
    """An account of one's own: what to be called, and one way to be reached."""

    field_order = ["contact", "display_name", "password1"]
    contact = contact_field(help_text=_("用来登录和收通知，别人看不到。"))
    display_name = forms.CharField(label=_("怎么称呼您"), max_length=40, validators=[check_words])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["phone"], self.fields["email"]
        self.fields["password1"].label = _("密码")
        self.fields["password1"].required = False
        self.fields["password1"].help_text = _("不填也行，以后每次用验证码登录。")
        self.fields["password1"].widget.attrs.pop("placeholder", None)

    def clean(self) -> dict[str, Any]:
        if "contact" in self.cleaned_data:
            kind, value = contacts.read_contact_in(self, self.cleaned_data["contact"])
            if kind:
                self.cleaned_data[kind] = value
                self.account_already_exists = contacts.owner_of(kind, value) is not None
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class ResetPasswordForm(forms.Form):
    contact = contact_field()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "contact" in cleaned:
            self.kind, self.value = contacts.read_contact_in(self, cleaned["contact"])
            cleaned["email"] = lookup(self.value) if self.kind else ""  # the key the view counts by
        return cleaned

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        user = contacts.owner_of(self.kind, self.value)
        if self.kind == "email":
            PasswordResetVerificationProcess.initiate(request=request, user=user, email=self.value)
        else:
            reset_by_phone(request, user, self.value)
        return self.value


def reset_by_phone(request: HttpRequest, user: Any, phone: str) -> None:
    """Begin the steps that allauth knows by mail only with a text message."""
    state = {**PasswordResetVerificationProcess.initial_state(user), "email": ""}
    if user:
        state["code"] = get_adapter().generate_password_reset_code()
        codes.send("sms", phone, words.code_text(state["code"]))
    else:
        codes.send("nowhere")
    PasswordResetVerificationProcess(request, state=state, user=user).persist()


def app_code_field(label: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})
    return forms.CharField(label=label, max_length=12, widget=widget)


class FactorForm(AuthenticateForm):
    code = app_code_field(_("动态码或备用码"))


class FactorAgainForm(ReauthenticateForm):
    code = app_code_field(_("动态码或备用码"))


class ActivateAppForm(ActivateTOTPForm):
    code = app_code_field(_("动态码"))


class AddPasskeyForm(AddWebAuthnForm):
    name = forms.CharField(label=_("给它起个名字"), required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = _("以后只用它登录，不再输密码")
        self.fields["passwordless"].help_text = ""
