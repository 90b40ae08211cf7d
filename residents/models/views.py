"""Who opened a full personal record: written once, never changed."""

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.access import Role, ScopedQuerySet

WATCHING = (Role.APPROVER, Role.REGION_ADMIN)


class Reason(models.TextChoices):
    """Chosen, not written, so that the log itself holds nothing personal."""

    BOOKING = "booking", _("预约有变，要通知本人")
    SERVICE = "service", _("上门或到场服务，要联系本人")
    NEED = "need", _("答复需求，要问清楚")
    CHECK = "check", _("本人在窗口，核对信息")
    URGENT = "urgent", _("紧急情况")
    REQUEST = "request", _("本人要求查阅或更正")


class PersonalViewQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any, *roles: str) -> Self:
        """Those who watch over the region: not whoever looked."""
        return super().visible_to(user, *(roles or WATCHING))


class PersonalView(models.Model):
    """Somebody opened a resident's full record, on purpose and for a reason."""

    at = models.DateTimeField(_("时间"), db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("查看人"), related_name="+"
    )
    community = models.ForeignKey(
        "facilities.Community", models.PROTECT, verbose_name=_("社区"), related_name="+", db_index=False
    )
    resident = models.ForeignKey(
        "residents.Resident", models.PROTECT, verbose_name=_("居民"), related_name="views"
    )
    reason = models.CharField(_("查看原因"), max_length=8, choices=Reason)
    page = models.CharField(_("在哪个页面"), max_length=64)

    objects = PersonalViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("查看记录")
        verbose_name_plural = pgettext_lazy("复数", "查看记录")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["community", "-id"], name="personalview_community")]
        triggers = [pgtrigger.Protect(name="view_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.resident} · {date_format(timezone.localtime(self.at), 'DATETIME_FORMAT')}"
