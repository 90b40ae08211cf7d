from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView
from django.views.i18n import set_language

# Browsers ask for it where no page names an icon: downloads, data, feeds.
favicon = require_safe(RedirectView.as_view(url=lazy(static, str)("portal/mark.svg")))

urlpatterns = [
    path("favicon.ico", login_not_required(favicon), name="favicon"),
    path("", include("portal.site.urls")),
    path("", include("facilities.urls")),
    path("", include("residents.urls")),
    path("accounts/", include("portal.entrance.urls")),
    path("desk/", include("portal.desk.urls")),
    path("api/v1/", include("portal.api.urls")),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
]
