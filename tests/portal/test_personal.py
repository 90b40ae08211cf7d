"""Personal data at rest: what the database holds tells nothing, and keys can be changed."""

import pytest
from django.core.exceptions import ValidationError

from portal import personal

PHONE = "+8613800138000"


def test_what_was_encrypted_is_read_again_and_never_looks_the_same_twice():
    first, second = personal.encrypt(PHONE), personal.encrypt(PHONE)

    assert first != second
    assert "138" not in first
    assert personal.decrypt(first) == personal.decrypt(second) == PHONE


def test_tampered_text_is_refused(settings):
    token = personal.encrypt(PHONE)
    tampered = token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]

    with pytest.raises(personal.Unreadable):
        personal.decrypt(tampered)


def test_another_key_opens_nothing_and_finds_nothing(settings):
    token, digest = personal.encrypt(PHONE), personal.lookup(PHONE)
    settings.PERSONAL_DATA_KEYS = ["another key of this machine, long enough"]

    assert personal.lookup(PHONE) != digest
    with pytest.raises(personal.Unreadable):
        personal.decrypt(token)


def test_new_key_before_the_old_one_opens_and_finds_what_is_stored(settings):
    token, digest = personal.encrypt(PHONE), personal.lookup(PHONE)
    settings.PERSONAL_DATA_KEYS = [
        "the new key, which comes before the old one",
        *settings.PERSONAL_DATA_KEYS,
    ]

    assert personal.decrypt(token) == PHONE
    assert personal.lookup(PHONE) == digest


@pytest.mark.parametrize("text", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "0086 13800138000"])
def test_phone_is_one_number_however_it_is_typed(text):
    assert personal.normal_phone(text) == PHONE


@pytest.mark.parametrize(
    "text", ["", "1380013800", "029-88888888", "+85291234567", "110", "12345678901", "电话"]
)
def test_what_is_no_mainland_mobile_is_refused(text):
    with pytest.raises(ValidationError):
        personal.normal_phone(text)


def test_mask_shows_three_and_four_digits():
    assert personal.mask_phone(PHONE) == "138****8000"
    assert personal.mask_phone("") == ""
