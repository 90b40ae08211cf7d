"""Personal data at rest: encrypted columns, keyed look-ups, numbers as people may see them.

A phone is stored twice: encrypted, to call it, and as a keyed digest, to find it. Both take their keys
from `PERSONAL_DATA_KEY`, so a copy of the database alone tells neither the number nor who shares it.
"""

import base64
import hashlib
import hmac
import re
from functools import cache
from typing import Any

import phonenumbers
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)

# Digits that look like a mobile or an ID card, however they are spaced.
PERSONAL = re.compile(r"(?<!\d)(?:(?:\+?86)?1[3-9]\d{9}|\d{17}[\dXx]|\d{15})(?!\d)")


def check_words(text: str) -> None:
    """Refuse words that hold a phone or ID-card number."""
    if PERSONAL.search(re.sub(r"[\s\-—_.]", "", text)):
        raise ValidationError(gettext("请不要写身份证号、电话等个人信息，删掉数字后再提交。"))


class Unreadable(ImproperlyConfigured):
    """What is stored was written with a key that is not here, or was tampered with."""


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, "encrypt")) for key in keys])


def _derived(key: str, purpose: str) -> bytes:
    """One secret a purpose, so that the digest in a column says nothing about the encryption."""
    digest = hmac.new(key.encode(), f"liren:{purpose}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest)


def _keys() -> tuple[str, ...]:
    return tuple(settings.PERSONAL_DATA_KEYS)


def encrypt(text: str) -> str:
    """Encrypt with the first key; the same text never looks the same twice."""
    return _box(_keys()).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text, whichever of the keys it was written with; raise `Unreadable` for none."""
    try:
        return _box(_keys()).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("PERSONAL_DATA_KEY does not open what is stored") from error


def lookup(value: str) -> str:
    """Return the digest by which a value is found, 64 hexadecimal digits.

    It is made with the *last* key: a new key is put first and the old ones stay behind it, so digests
    that are stored go on being found.
    """
    return hmac.new(_derived(_keys()[-1], "lookup"), value.encode(), hashlib.sha256).hexdigest()


class IsEmpty(Exact):
    """A comparison with nothing, as constraints write it."""

    def get_prep_lookup(self) -> Any:
        if self.rhs:
            raise FieldError("an encrypted column can only be compared with nothing")
        return super().get_prep_lookup()


class EncryptedTextField(models.TextField):
    """Text that the database holds encrypted. It cannot be searched, sorted or compared there."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypt(text) if text else text

    def from_db_value(self, value: str | None, *_expression: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked for: each ciphertext is different."""
        known = {"isnull": super().get_lookup("isnull"), "exact": IsEmpty}
        return known.get(lookup_name)


class EncryptedCharField(EncryptedTextField):
    """One line of encrypted text; `max_length` counts what people type, not what is stored."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"widget": forms.TextInput, **kwargs})


def normal_phone(text: str) -> str:
    """Return a mainland mobile number as +86 and eleven digits; raise ValidationError for anything else."""
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.country_code != 86 or phonenumbers.number_type(number) not in MOBILE:
        raise ValidationError(_("请填写 11 位的大陆手机号码。"), code="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_phone(phone: str) -> str:
    """Return what may be shown of a number: 138****5678; nothing of none."""
    digits = phone.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if digits else ""
