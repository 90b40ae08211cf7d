"""The portal's settings with a handful of differences: own database and prefix, speed, no silent holes."""

import os
import secrets
from typing import Any

from portal import settings
from portal.settings import *  # noqa: F403
from tests.slots import slot
from tests.undefined import FailWhenUndefined

_run = slot(settings.VAR_DIR / "tests")
_prefix = f"test-{_run}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}:"
_database: dict[str, Any] = settings.DATABASES["default"]
_cache: dict[str, Any] = settings.CACHES["default"]
_templates: dict[str, Any] = settings.TEMPLATES[0]

DEBUG = False
DATABASES: dict[str, Any] = {
    "default": {
        **_database,
        "OPTIONS": {
            **_database["OPTIONS"],
            "options": f"{_database['OPTIONS']['options']} -c synchronous_commit=off",
        },
        "TEST": {"NAME": f"test_liren_{_run}"},
    }
}
# What was counted in an earlier run is not counted in this one.
CACHES: dict[str, Any] = {"default": {**_cache, "KEY_PREFIX": f"{_prefix}{secrets.token_hex(4)}"}}
ACCOUNT_RATE_LIMITS = False  # all tests ask from one address; those of limits turn them on
TEMPLATES = [
    {
        **_templates,
        "OPTIONS": {**_templates["OPTIONS"], "string_if_invalid": FailWhenUndefined("undefined")},
    }
]
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
    "global_keyprefix": _prefix,
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SMS_BACKEND = "portal.sms.to_memory"
