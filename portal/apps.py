from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("门户")
    default = True

    def ready(self) -> None:
        from portal import sms  # noqa: F401 - registers its check of production settings


class WorkbenchConfig(admin_apps.AdminConfig):
    default_site = "portal.workbench_site.Workbench"
    default = False
