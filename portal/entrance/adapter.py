"""What allauth asks this portal: phones, messages, who is let in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from portal.demo.people import DemoAccountsStayInDemo
from portal.entrance import codes, contacts, telling, words
from portal.entrance.fields import PhoneField
from portal.errors import Refused
from portal.models import User
from portal.personal import lookup

UNKNOWN = "account/email/unknown_account"


class Adapter(DefaultAccountAdapter):
    error_messages = {**DefaultAccountAdapter.error_messages, **words.ERRORS}

    # Who is let in

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """No code, passkey or reset opens an account that a password would not open."""
        if not DemoAccountsStayInDemo().user_can_authenticate(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Keep how somebody signed in, not by which number or address."""
        for record in request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, []):
            for name in ("phone", "email", "username"):
                record.pop(name, None)
        request.session.modified = True
        return super().post_login(request, user, **kwargs)

    def get_login_stages(self) -> list[str]:
        stage = f"{EmailStage.__module__}.{EmailStage.__name__}"
        theirs = "allauth.account.stages.EmailVerificationStage"
        return [stage if one == theirs else one for one in super().get_login_stages()]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways to prove again who one is, in our own words."""
        methods = super().get_reauthentication_methods(user)
        return [method | {"description": words.PROVE_BY[method["id"]]} for method in methods]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("mfa_index")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        from portal.entrance.lockout import account_key

        return account_key(request, credentials)

    # New accounts

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """A name nobody needs to know: neither number nor address is in it."""
        user.username = user.username or f"u{get_random_string(12, 'abcdefghjkmnpqrstuvwxyz23456789')}"

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.display_name = form.cleaned_data.get("display_name", "")
        return super().save_user(request, user, form, commit)

    # Phones

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        return contacts.owner_of_phone(phone)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        had = user.phone if user.phone_verified else ""
        user.phone, user.phone_lookup, user.phone_verified = phone, lookup(phone), verified
        try:
            with transaction.atomic():
                user.save(update_fields=["phone", "phone_lookup", "phone_verified"])
        except IntegrityError:
            raise Refused(_("这个手机号已经属于另一个账户。您的账户没有变化。")) from None
        if verified and phone != had and user.last_login:
            telling.tell_owner(user, "phone", _("登录手机号已更换") if had else _("已添加登录手机号"))

    def set_phone_verified(self, user: Any, phone: str) -> None:
        self.set_phone(user, phone, True)

    # E-mail addresses

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Prove an address; somebody who has been in before is told that the account has a new one."""
        is_confirmed = super().confirm_email(request, email_address)
        user: Any = email_address.user
        if is_confirmed and user.last_login:
            telling.tell_owner(user, "email", _("登录邮箱已更新"))
        return is_confirmed

    # Messages

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: str | None = None
    ) -> None:
        telling.tell_news(user, template_prefix, email)

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        codes.send("sms", phone, words.code_text(code))

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        codes.send("nowhere")

    def send_account_already_exists_sms(self, phone: str) -> None:
        codes.send("sms", phone, words.already_text())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if template_prefix == UNKNOWN:
            return codes.send("nowhere")
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        text = render_to_string(f"{template_prefix}_message.txt", context)
        return codes.send("mail", email, text, subject)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say it in our own words; what has none is not said."""
        text = message or words.MESSAGES.get(message_template or "")
        if text:
            messages.add_message(request, level, text, extra_tags=extra_tags)


class EmailStage(EmailVerificationStage):
    """Whoever signed up with an address proves it; accounts an administrator made may have none."""

    def handle(self) -> Any:
        user: Any = self.login.user
        if user is None:
            return super().handle() if self.login.email else (None, True)
        waits = not user.last_login and not user.phone_verified
        if waits and EmailAddress.objects.filter(user=user, verified=False).exists():
            return super().handle()
        return None, True
