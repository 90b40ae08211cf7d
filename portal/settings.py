"""Settings, from the environment alone. Nothing set = development on this machine's loopback only."""

from pathlib import Path

import environ
import pghistory
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal import connections
from portal.local_secrets import local_secret
from portal.signing_in import *  # noqa: F403
from portal.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()

# Mode: production as soon as one of its two names is set; then both must be.

SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PRODUCTION = bool(SECRET_KEY or ALLOWED_HOSTS)
DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=not PRODUCTION and not DEMO)

if PRODUCTION and not (SECRET_KEY and ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "生产环境须同时设置 SECRET_KEY 和 ALLOWED_HOSTS。 (Production needs both SECRET_KEY and ALLOWED_HOSTS.)"
    )
if PRODUCTION and (DEMO or DEBUG):
    raise ImproperlyConfigured(
        "DEMO 和 DEBUG 只能在本机使用，不能与 SECRET_KEY、ALLOWED_HOSTS 同设。"
        " (DEMO and DEBUG are for loopback only, never with SECRET_KEY or ALLOWED_HOSTS.)"
    )


# What encrypts phones and finds them again; the newest key first, older ones behind it.
PERSONAL_DATA_KEYS = env.list("PERSONAL_DATA_KEY", default=[])
if PRODUCTION and not all(len(key) >= 32 for key in PERSONAL_DATA_KEYS or [""]):
    raise ImproperlyConfigured(
        "生产环境须设置 PERSONAL_DATA_KEY，至少 32 个字符。"
        " (Production needs PERSONAL_DATA_KEY, 32 characters or more.)"
    )

if not PRODUCTION:
    SECRET_KEY = local_secret(VAR_DIR, "secret_key")
    PERSONAL_DATA_KEYS = PERSONAL_DATA_KEYS or [local_secret(VAR_DIR, "personal_data_key")]
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

# Database and Redis: those named, else the embedded ones, started on demand.

DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")

if not (DATABASE_URL and REDIS_URL):
    from portal.embedded import ServersUnavailable, servers_of

    _servers = servers_of(VAR_DIR)
    try:
        _servers.start(postgres=not DATABASE_URL, redis=not REDIS_URL)
    except ServersUnavailable as error:
        raise ImproperlyConfigured(str(error)) from error
    DATABASE_URL = DATABASE_URL or _servers.database_url
    REDIS_URL = REDIS_URL or _servers.redis_url

_database = env.db_url_config(DATABASE_URL)
DATABASES = {
    "default": {
        **_database,
        "OPTIONS": {**connections.OPTIONS, **_database.get("OPTIONS", {})},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "liren",
        "OPTIONS": {"db": 1},  # the queue is in 0, and clearing the cache empties its whole database
    }
}

# Applications

INSTALLED_APPS = [
    "portal",
    "facilities",
    "residents",
    "services",
    "billing",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "portal.apps.WorkbenchConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "pghistory",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.csp.PathCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.roles.RoleInUseMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.history.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.visible.VisibleTextMiddleware",
    "portal.errors.RefusedMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.entrance.lockout.TooManyMiddleware",
    "portal.entrance.second_factor.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.context.look",
            ],
        },
    }
]

# Who signs in: the rest is in portal/signing_in.py

SECOND_FACTOR_REQUIRED = PRODUCTION
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost

# Language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "portal" / "locale_libraries"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Files: ours and those of the libraries, served by ourselves; names with digests in production only

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static" if PRODUCTION else None
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"  # only a name: uploads go through views that ask who is looking
MEDIA_ACCEL = env.str(
    "MEDIA_ACCEL", default=""
)  # e.g. /protected/: the proxy's internal place for MEDIA_ROOT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# Jobs

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = TIME_ZONE
CLOSE_BATCH_SIZE = env.int("CLOSE_BATCH_SIZE", default=750)  # communities of one transaction
CLOSE_HEARTBEAT_SECONDS = env.float("CLOSE_HEARTBEAT_SECONDS", default=5)
CLOSE_LOST_SECONDS = env.float("CLOSE_LOST_SECONDS", default=30)  # without a heartbeat: handed out again
CLOSE_MOST_ATTEMPTS = env.int("CLOSE_MOST_ATTEMPTS", default=5)  # of a batch, before it counts as failed

# Letters and text messages; links in them lead to SITE_URL

SITE_URL = env.str(
    "SITE_URL", default=f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else "http://127.0.0.1:8000"
).rstrip("/")
EMAIL_CONFIG = env.email("EMAIL_URL", default="smtp://localhost:25" if PRODUCTION else "consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("FROM_EMAIL", default="liren@localhost")
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_TOKEN = env.str("SMS_GATEWAY_TOKEN", default="")
SMS_SIGNATURE = env.str("SMS_SIGNATURE", default="里仁")
SMS_TIMEOUT_SECONDS = 10
SMS_BACKEND = "portal.sms.to_gateway" if PRODUCTION or SMS_GATEWAY_URL else "portal.sms.to_console"

CALENDAR_TEST_ORIGINS: tuple[str, ...] = ()  # tests alone name servers of their own here

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "PAGE_SIZE": 100,
    "EXCEPTION_HANDLER": "portal.api.refusals.answer",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "里仁",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"FundEnum": "billing.models.choices.Fund"},
}

# Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
CSP_UNDER_ADMIN = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "portal.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
ALLAUTH_TRUSTED_PROXY_COUNT = 0
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # the last address of X-Forwarded-For is the one the proxy saw

# Logging: what happened and where, never who; request bodies, names and numbers stay out

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "CRITICAL"}},  # it would name who tried
}
