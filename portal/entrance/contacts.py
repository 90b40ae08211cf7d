"""Whom a phone number or an e-mail address belongs to; only proven ones count."""

from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from portal.models import User
from portal.personal import lookup, normal_phone


def read_contact(text: str) -> tuple[str, str]:
    """Return ("phone", E.164) or ("email", address); anything else is refused with what is expected."""
    text = text.strip()
    if "@" in text:
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(_("这不像一个邮箱地址，请再核对一遍。")) from None
        return "email", text.lower()
    return "phone", normal_phone(text)


def owner_of_phone(phone: str) -> User | None:
    return User.objects.filter(phone_lookup=lookup(phone), phone_verified=True).first()


def owner_of_email(email: str) -> User | None:
    found = EmailAddress.objects.filter(email=email.lower(), verified=True).select_related("user").first()
    owner: Any = found.user if found else None
    return owner


def owner_of(kind: str, value: str) -> User | None:
    """Return the active account this contact is proven to belong to."""
    owner = owner_of_phone(value) if kind == "phone" else owner_of_email(value)
    return owner if owner and owner.is_active else None


def read_contact_in(form: Any, text: str) -> tuple[str, str]:
    """Read a form's contact; what is wrong with it is told at the field, and nothing is returned."""
    try:
        return read_contact(text)
    except ValidationError as error:
        form.add_error("contact", error)
        return "", ""
