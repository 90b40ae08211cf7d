from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("账目")

    def ready(self) -> None:
        from billing import closing
        from portal import inputs

        inputs.tell_changes_to(closing.recheck)
