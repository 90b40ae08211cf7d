"""The portal's settings with a handful of differences: own database and prefix, speed, no silent holes."""

import os

from portal.settings import *  # noqa: F403
from portal.settings import CACHES, DATABASES, TEMPLATES, VAR_DIR
from tests.slots import slot
from tests.undefined import FailWhenUndefined

_run = slot(VAR_DIR / "tests")
_prefix = f"test-{_run}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}:"

DEBUG = False
DATABASES["default"]["TEST"] = {"NAME": f"test_liren_{_run}"}
DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
CACHES["default"]["KEY_PREFIX"] = _prefix
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "global_keyprefix": _prefix}
TEMPLATES[0]["OPTIONS"] |= {"string_if_invalid": FailWhenUndefined("undefined")}  # type: ignore[dict-item]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
