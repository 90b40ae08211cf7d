"""How the admin looks: the portal's colours and type. What stands in its menu is in `portal.sidebar`."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

# Warm neutrals between the paper and the ink of tokens.css.
BASE = {
    "50": "oklch(98.0% .007 80)",
    "100": "oklch(95.9% .010 80)",
    "200": "oklch(91.0% .015 78)",
    "300": "oklch(84.5% .017 76)",
    "400": "oklch(73.5% .019 74)",
    "500": "oklch(53.5% .019 70)",
    "600": "oklch(45.5% .017 70)",
    "700": "oklch(34.5% .013 70)",
    "800": "oklch(27.0% .009 70)",
    "900": "oklch(20.5% .006 80)",
    "950": "oklch(16.5% .005 80)",
}

# Pomegranate; 600 carries white text, 500 is its text on dark ground.
PRIMARY = {
    "50": "oklch(97.0% .014 20)",
    "100": "oklch(94.0% .030 20)",
    "200": "oklch(88.5% .060 20)",
    "300": "oklch(81.5% .105 21)",
    "400": "oklch(75.3% .142 21)",
    "500": "oklch(68.5% .170 22)",
    "600": "oklch(50.2% .177 25)",
    "700": "oklch(43.5% .155 25)",
    "800": "oklch(38.0% .130 25)",
    "900": "oklch(33.0% .100 25)",
    "950": "oklch(24.0% .070 25)",
}


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """The mark beside the title on every page of a demo."""
    return (str(_("演示数据，金额为虚构")), "warning") if settings.DEMO else None


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("里仁 · 社区服务门户"),
    "SITE_HEADER": _("里仁"),
    "SITE_SUBHEADER": _("社区服务门户"),
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("portal/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("portal/mark.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "12px",
    "DASHBOARD_CALLBACK": "portal.today.today",
    "ENVIRONMENT": "portal.unfold.environment",
    "COLORS": {
        "base": BASE,
        "primary": PRIMARY,
        "font": {
            "subtle-light": "var(--color-base-500)",
            "subtle-dark": "var(--color-base-400)",
            "default-light": "var(--color-base-700)",
            "default-dark": "var(--color-base-200)",
            "important-light": "var(--color-base-900)",
            "important-dark": "var(--color-base-100)",
        },
    },
    "STYLES": [lambda request: static("portal/admin.css")],
    "SCRIPTS": [lambda request: static("portal/admin.js")],
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": True,
        "navigation": "portal.sidebar.navigation",
    },
}
